"""Errors of elements: their size, their distribution, where they go, and whose random numbers they are."""

from math import factorial

import numpy as np
import pytest
from scipy.stats import kstest, truncnorm

from optics import AlignmentErrors, FieldComponents, FieldErrors, apply_errors, closed_orbit
from tracking import (
    Drift,
    Expression,
    Kicker,
    Knobs,
    Line,
    Misalignment,
    Multipole,
    Quadrupole,
    ReferenceParticle,
    SectorBend,
    Sextupole,
    track,
)
from tracking.errors import InputError

ELECTRON = ReferenceParticle.of("electron", total_energy=1e9)
FODO = {
    "qf": Quadrupole(length=0.4, k1=1.2), "d1": Drift(length=0.5), "b1": SectorBend(length=1.0, angle=0.2, k1=0.1),
    "qd": Quadrupole(length=0.4, k1=-1.1), "sx": Sextupole(length=0.2, k2=4.0), "b2": SectorBend(length=1.0, angle=0.2),
    "kick": Kicker(length=0.1), "skew": Quadrupole(length=0.2, k1s=0.5), "mp": Multipole(knl=(0.02, 0.0, 0.3)),
}  # fmt: skip
LINE = Line(list(FODO.values()), list(FODO), ELECTRON)
MOVED = AlignmentErrors(where="q*", rms=Misalignment(dx=1e-4, dy=2e-4, ds=1e-3, dtheta=1e-5, dphi=2e-5, dpsi=3e-5))


def test_systematic_misalignment_is_that_of_the_element():
    moved, table = apply_errors(LINE, [AlignmentErrors(where="b*", mean=Misalignment(dx=1e-3, dpsi=2e-3))])
    assert moved["b1"].misalignment == moved["b2"].misalignment == Misalignment(dx=1e-3, dpsi=2e-3)
    assert moved["qf"].misalignment is None and moved.names == LINE.names
    frame = table.to_pandas()
    assert list(frame.index) == ["b1", "b2"]
    assert frame.loc["b2"].to_dict() == {"dx": 1e-3, "dy": 0, "ds": 0, "dtheta": 0, "dphi": 0, "dpsi": 2e-3}


def test_records_add_up():
    first = AlignmentErrors(where="qf", mean=Misalignment(dx=1e-3))
    twice, _ = apply_errors(LINE, [first, AlignmentErrors(where=Quadrupole, mean=Misalignment(dx=2e-3, dy=1e-3))])
    assert twice["qf"].misalignment == Misalignment(dx=3e-3, dy=1e-3)
    again, _ = apply_errors(twice, [first])
    assert again["qf"].misalignment == Misalignment(dx=4e-3, dy=1e-3)


def test_own_random_numbers_of_every_element():
    """Other elements, other places and other records leave an element's errors as they are; another seed does not."""
    _, table = apply_errors(LINE, [MOVED], seed=3)
    reference = table.to_pandas()
    longer = LINE.insert("qd", Quadrupole(length=0.1, k1=0.1), "q0").insert(0, Drift(length=1.0), "d0")
    field = FieldErrors(where=Quadrupole, order=1, rms=FieldComponents(dknr=(0.0, 1e-3)))
    for line, records in ((longer, [MOVED]), (LINE, [field, MOVED]), (LINE[2:], [MOVED])):
        found = apply_errors(line, records, seed=3)[1].to_pandas()
        names = [name for name in found.index if name in ("qf", "qd")]
        assert "qd" in names and found.loc[names, "dx":"dpsi"].equals(reference.loc[names])
    assert not np.isclose(apply_errors(LINE, [MOVED], seed=4)[1].misalignment, table.misalignment).any()
    with_more = FieldErrors(where="qf", rms=FieldComponents(dkn=(1e-3, 1e-3, 1e-3)))
    with_less = FieldErrors(where="qf", rms=FieldComponents(dkn=(1e-3,)))
    assert apply_errors(LINE, [with_more])[1].normal[0, 0] == apply_errors(LINE, [with_less])[1].normal[0, 0]


def test_records_alike_draw_different_numbers():
    _, once = apply_errors(LINE, [MOVED])
    _, twice = apply_errors(LINE, [MOVED, MOVED])
    second = twice.misalignment - once.misalignment
    assert not np.isclose(second, once.misalignment).any()
    _, labelled = apply_errors(LINE, [AlignmentErrors(where="q*", rms=MOVED.rms, label="girder")])
    assert not np.isclose(labelled.misalignment, once.misalignment).any()


@pytest.mark.parametrize("cut", [1.0, 3.0, None])
def test_distribution_is_a_truncated_gaussian(cut):
    line = Line([Quadrupole(length=0.1)] * 3000, [f"q{i}" for i in range(3000)], ELECTRON)
    rms = Misalignment(dx=2e-4, dy=1e-4, ds=1e-3, dtheta=1e-5, dphi=2e-5, dpsi=3e-5)
    _, table = apply_errors(line, [AlignmentErrors(where="q*", rms=rms, cut=cut)], seed=11)
    scaled = table.misalignment / [2e-4, 1e-4, 1e-3, 1e-5, 2e-5, 3e-5]
    limit = np.inf if cut is None else cut
    assert np.abs(scaled).max() <= limit
    assert kstest(scaled.ravel(), truncnorm(-limit, limit).cdf).pvalue > 0.01
    correlations = np.corrcoef(scaled.T)[np.triu_indices(6, 1)]
    assert np.abs(correlations).max() < 5.0 / np.sqrt(3000)


@pytest.mark.parametrize(
    ("name", "order", "main"),
    [("qd", 1, -0.44), ("b1", 0, 0.2), ("b1", 1, 0.1), ("sx", 2, 0.8), ("skew", 1, 0.1), ("mp", 2, 0.3)],
)  # fmt: skip
def test_relative_errors_at_the_reference_radius(name, order, main):
    """The error field at the radius is the given part of the main field there, whatever its order."""
    radius, parts = 0.03, (0.0 if name == "mp" else 1e-4, 2e-4, -3e-4, 4e-4)
    record = FieldErrors(where=name, order=order, radius=radius, mean=FieldComponents(dknr=parts, dksr=(0.0, *parts)))
    _, table = apply_errors(LINE, [record])
    field = [k * radius**n / factorial(n) for n, k in enumerate(table.normal[0])]
    expected = main * radius**order / factorial(order) * np.array([*parts, 0.0])
    assert field == pytest.approx(expected, abs=1e-18)
    skew = [k * radius**n / factorial(n) for n, k in enumerate(table.skew[0])]
    assert skew == pytest.approx(main * radius**order / factorial(order) * np.array([0.0, *parts]), abs=1e-18)


def test_relative_error_of_the_main_field_is_another_strength():
    stronger, _ = apply_errors(LINE, [FieldErrors(where="qf", order=1, mean=FieldComponents(dknr=(0.0, 1e-2)))])
    expected = LINE.replace("qf", Quadrupole(length=0.4, k1=1.2 * 1.01))
    z = [1e-3, 2e-4, -1e-3, 1e-4, 0.0, 1e-3]
    assert track(stronger, z).coordinates == pytest.approx(track(expected, z).coordinates, abs=1e-17)


def test_dipole_errors_leave_the_reference_orbit():
    """A field error of a bend kicks as a kicker does, of a thin bend too."""
    for name in ("b1", "mp"):
        kicked, _ = apply_errors(LINE, [FieldErrors(where=name, mean=FieldComponents(dkn=(1e-4,)))])
        place = LINE.index(name)
        z = track(kicked[place : place + 1], np.zeros(6)).coordinates[0]
        assert z[1] == pytest.approx(-1e-4, rel=4e-2) and z[4] == pytest.approx(0.0, abs=1e-5)
    twice, _ = apply_errors(kicked, [FieldErrors(where="mp", mean=FieldComponents(dkn=(1e-4,)))])
    assert twice["mp"].angle == 0.02 and twice["mp"].knl[0] == pytest.approx(0.0202, abs=1e-15)


def test_expressions_go_on_following_their_knobs():
    k = Expression.name("k")
    line = Line([Multipole(knl=(0.0, k), misalignment=Misalignment(dx=k))], ["m"], ELECTRON, Knobs({"k": 0.5}))
    records = [
        FieldErrors(where="m", mean=FieldComponents(dkn=(0.0, 0.1, 0.2))),
        AlignmentErrors(where="m", mean=Misalignment(dx=0.25)),
    ]
    changed, _ = apply_errors(line, records)
    element = changed.with_knobs(k=0.75).resolve()[0]
    assert element.knl == pytest.approx((0.0, 0.85, 0.2)) and element.misalignment.dx == 1.0


def test_displaced_quadrupole_moves_the_orbit_as_its_dipole_does(ring):
    """A displacement dx acts as a dipole k1 L dx, up to the square of the displacement."""
    dx = 1e-6
    moved, _ = apply_errors(ring, [AlignmentErrors(where="qf:3", mean=Misalignment(dx=dx))])
    strength = -ring.resolve()[ring.index("qf:3")].k1 * 0.4 * dx
    kicked, _ = apply_errors(ring, [FieldErrors(where="qf:3", mean=FieldComponents(dkn=(strength,)))])
    orbit = closed_orbit(kicked).orbit[0, 0]
    assert abs(orbit) > 1e-8 and closed_orbit(moved).orbit[0, 0] == pytest.approx(orbit, rel=1e-2)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: [AlignmentErrors(where="nothing")], "nothing"),
        (lambda: [AlignmentErrors(where="zz*")], r"where = 'zz\*'"),
        (lambda: [FieldErrors(where="d*", mean=FieldComponents(dkn=(1.0,)))], "no magnet"),
        (lambda: [AlignmentErrors(where="q*", rms=Misalignment(dx=np.nan))], "rms"),
        (lambda: [FieldErrors(where="q*", rms=FieldComponents(dks=(np.inf,)))], "dks"),
        (lambda: [FieldErrors(where="mp", mean=FieldComponents(dks=(1e-3,)))], "skew dipole"),
        (lambda: [AlignmentErrors(where="q*", cut=0.0)], "cut = 0.0"),
        (lambda: [FieldErrors(where="q*", order=-1)], "order = -1"),
        (lambda: [FieldErrors(where="q*", radius=0.0)], "radius = 0.0"),
    ],
)
def test_bad_input_is_named(make, message):
    with pytest.raises(InputError, match=message):
        apply_errors(LINE, make())


def test_bad_seed_is_named():
    with pytest.raises(InputError, match="seed = 1.5"):
        apply_errors(LINE, [MOVED], seed=1.5)
