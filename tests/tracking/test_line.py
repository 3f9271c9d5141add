"""Lines: names, positions, resolving of knobs, and changes that give new lines."""

import pickle

import numpy as np
import pytest
from scipy import constants

import tracking
from tpsa.descriptor import Descriptor
from tracking import elements as el
from tracking.errors import ElementError, InputError
from tracking.expressions import Expression
from tracking.knobs import Knobs
from tracking.line import Line
from tracking.reference import ReferenceParticle
from tracking.settings import Settings

parse = Expression.parse
PROTON = ReferenceParticle.of("proton", kinetic_energy=1e9)


@pytest.fixture
def line():
    quadrupole = el.Quadrupole(length=1.0, k1=parse("kq*2"))
    elements = [
        quadrupole,
        el.Drift(length=parse("ld")),
        el.Multipole(knl=(0.0, parse("kq"), 3.0), misalignment=el.Misalignment(dx=parse("shift/2"))),
        quadrupole,
        el.Marker(),
    ]
    knobs = Knobs({"kq": 0.3, "ld": 2.5, "shift": parse("kq*1e-3"), "unused": 1.0})
    return Line(elements, ["q", "d", "m", "q", "End"], PROTON, knobs, name="cell")


def test_repeated_names_are_numbered(line):
    assert line.names == ("q:1", "d", "m", "q:2", "End")
    assert line.base_names == ("q", "d", "m", "q", "End")


def test_positions(line):
    np.testing.assert_allclose(line.s, [0, 1, 3.5, 3.5, 4.5, 4.5], rtol=1e-15)
    assert line.length == 4.5 and len(line) == 5
    assert line.revolution_frequency == pytest.approx(PROTON.beta0 * constants.c / 4.5, rel=1e-15)
    assert line.with_knobs(ld=0.5).length == 2.5
    with pytest.raises(ValueError, match="read-only"):
        line.s[0] = 1.0


def test_slices_by_names_hold_both_ends_and_run_forward(line):
    assert line["d":"q:2"].base_names == ("d", "m", "q") and line["m":"m"].base_names == ("m",)
    with pytest.raises(InputError, match="'m' stands behind 'd'"):
        line["m":"d"]


def test_resolve_evaluates_every_field(line):
    first, drift, thin, *_ = line.resolve()
    assert (first.k1, drift.length, thin.knl, thin.misalignment.dx) == (0.6, 2.5, (0.0, 0.3, 3.0), 0.00015)
    assert line.resolve()[4] is line.elements[4] and line["q:1"].k1 == parse("kq*2")


def test_resolve_with_series(line):
    x = Descriptor(1, 1).variable(0, 0.3)
    first, drift, thin, second, _ = line.resolve({"KQ": x})
    assert first.k1.gradient()[0] == 2.0 and second.k1.value == 0.6 and drift.length == 2.5
    assert thin.knl[1].gradient()[0] == 1.0 and thin.misalignment.dx.gradient()[0] == pytest.approx(0.5e-3)
    assert line.resolve()[0].k1 == 0.6


def test_resolve_with_traced_values(line):
    jax = pytest.importorskip("jax")
    jax.config.update("jax_enable_x64", True)
    gradient = jax.grad(lambda k: line.resolve({"kq": k})[0].k1 ** 2)(0.3)
    assert gradient == pytest.approx(8 * 0.3)


def test_knobs_know_what_the_elements_use(line):
    assert line.knobs.independent == ("kq", "ld")
    assert line.with_knobs({"shift": 0.4}).resolve()[2].misalignment.dx == 0.2
    assert line.with_knobs(KQ=1.0, ld=1.0).resolve()[0].k1 == 2.0 and line.resolve()[0].k1 == 0.6


def test_indexing(line):
    assert line[1] is line.elements[1] is line["d"] is line["D"] and line[-1] is line["end"]
    assert line["d":"q:2"].base_names == ("d", "m", "q") and line[1:3].names == ("d", "m") and line[::2].names[1] == "m"
    assert line["d":].length == 3.5 and line["d":].knobs.independent == ("kq", "ld")


def test_find(line):
    assert line.find("q") == (0, 3) and line.find("q:2") == (3,) and line.find("*") == (0, 1, 2, 3, 4)
    assert line.find("[dm]") == (1, 2) and line.find("x*") == () and line.find(el.Quadrupole) == (0, 3)
    assert line.find(el.Magnet) == (0, 3) and line.index("m") == 2 and line.index(-1) == 4


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda line: line["q"], "'q' stands for 2 elements; expected one, such as 'q:1'"),
        (lambda line: line["end1"], "no element 'end1'; did you mean 'end'"),
        (lambda line: line[5], "index 5; expected one from 0 to 4"),
        (lambda line: line.index(-6), "index -6"),
        (lambda line: line.with_knobs(kqq=1.0), "unknown knob 'kqq'; did you mean 'kq'"),
        (lambda line: line.resolve({"kqq": 1.0}), "unknown knob 'kqq'"),
        (lambda line: line.with_settings(modell="exact"), "modell"),
        (lambda line: line.replace("x*", el.Marker()), "nothing to replace"),
        (lambda line: line.repeat(0), "repeat 0 times"),
        (lambda line: line.repeat(10**9), "repeat 1000000000 times"),
        (lambda line: line["m":"m"].revolution_frequency, "length 0.0 m has no revolution frequency"),
        (lambda line: Line([el.Drift()], ["a", "b"], PROTON), "1 elements but 2 names"),
        (lambda line: Line(["q"], ["a"], PROTON), "'a' is 'q'; expected an Element"),
        (lambda line: line.with_knobs(kq=parse("shift")).resolve(), "circular expression: kq -> shift -> kq"),
    ],
)
def test_bad_input(call, message, line):
    with pytest.raises(InputError) as error:
        call(line)
    assert message in str(error.value)


@pytest.mark.parametrize(
    ("element", "field"),
    [
        (el.Quadrupole(length=1.0, k1=float("nan")), "k1"),
        (el.Drift(length=float("inf")), "length"),
        (el.Multipole(knl=(0.0, float("nan"))), "knl"),
    ],
)
def test_fields_that_are_not_finite_are_refused(element, field):
    with pytest.raises(ElementError, match=f"element 'bad': {field} = .*; expected .*finite number"):
        Line([element], ["bad"], PROTON)


def test_knobs_that_make_a_field_nan_are_refused(line):
    with pytest.raises(ElementError, match=r"element 'q:1': k1 = nan; expected finite numbers from kq \* 2"):
        line.with_knobs(kq=float("nan")).resolve()


def test_insert_replace_repeat(line):
    longer = line.insert("m", el.Drift(length=1.0), "gap").insert(6, el.Marker(), "q")
    assert longer.names == ("q:1", "d", "gap", "m", "q:2", "End", "q:3") and longer.length == 5.5
    assert line.replace("q", el.Drift(length=3.0)).length == 8.5 and line.replace(0, el.Marker()).length == 3.5
    twice = line.repeat(2)
    assert twice.length == 9.0 and twice.find("q") == (0, 3, 5, 8) and twice.names[4] == "End:1"
    assert len(line) == 5


def test_settings_and_reference(line):
    other = line.with_settings(model="expanded", slices=3)
    assert other.settings == Settings(model="expanded", slices=3) and line.settings == Settings()
    electron = ReferenceParticle.of("electron", p0c=1e9)
    assert line.with_reference(electron).reference is electron and line.reference is PROTON
    assert other.resolve()[0].k1 == 0.6


def test_frozen_and_printable(line):
    with pytest.raises(AttributeError):
        line.name = "other"
    assert repr(line) == "Line('cell', 5 elements, 4.5 m, proton)"


def test_pickle(line):
    copy = pickle.loads(pickle.dumps(line))
    assert copy.names == line.names and copy.resolve()[2] == line.resolve()[2] and copy.knobs.value("shift") == 3e-4


MIRROR = np.array([1.0, -1.0, 1.0, -1.0, -1.0, 1.0])
ELEMENTS = [
    el.Drift(length=0.7),
    el.SectorBend(length=1.2, angle=0.2, k1=0.3, e1=0.05, e2=0.12, fint=0.5, fintx=0.3, hgap=0.02, tilt=0.1),
    el.RectangularBend(length=0.8, angle=0.1, e1=0.02, k0=0.13, kill_exit_fringe=True),
    el.Quadrupole(length=0.4, k1=0.8, k1s=0.3),
    el.Solenoid(length=0.5, ks=0.4),
    el.Kicker(length=0.2, hkick=1e-3, vkick=-2e-3),
    el.RFCavity(length=0.3, volt=1e6, freq=5e7, lag=0.1),
    el.CrabCavity(volt=1e6, freq=5e7, lag=0.1),
    el.Rotation(axis="s", angle=0.3),
    el.Rotation(axis="y", angle=0.01),
    el.Translation(dx=1e-3, dy=2e-3, ds=0.1),
    el.Multipole(knl=(0.0, 0.2, 3.0), ksl=(0.0, 0.1)),
    el.DipoleEdge(h=0.2, e1=0.1),
]


@pytest.mark.parametrize("element", [*ELEMENTS, None], ids=lambda e: getattr(e, "keyword", "all"))
def test_reverse_is_the_motion_backwards(element):
    elements = [element] if element is not None else ELEMENTS
    line = Line([*elements, el.Drift(length=0.1)], [f"e{i}" for i in range(len(elements) + 1)], PROTON)
    start = np.array([[1e-3, 2e-4, -5e-4, 1e-4, 2e-3, 3e-4], [-2e-3, 1e-4, 7e-4, -3e-4, 0.0, -1e-4]])
    end = tracking.track(line, start).coordinates
    back = tracking.track(line.reverse(), end * MIRROR).coordinates * MIRROR
    np.testing.assert_allclose(back, start, atol=1e-13)


def test_reverse_twice_is_the_line(line):
    cell = Line(ELEMENTS, [e.keyword for e in ELEMENTS], PROTON)
    again = cell.reverse().reverse()
    assert again.names == cell.names and again[0] == cell[0] and again["sbend"] == cell["sbend"]


@pytest.mark.parametrize(
    "element",
    [el.Matrix(), el.ChangeReference(), el.RFMultipole(), el.Drift(misalignment=el.Misalignment(ds=1e-3))],
    ids=lambda e: e.keyword,
)
def test_reverse_refuses_what_has_no_mirror_image(element):
    with pytest.raises(InputError, match="'odd'"):
        Line([element], ["odd"], PROTON).reverse()
