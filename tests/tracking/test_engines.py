"""The engines agree with plain Python on the same packed line, and with each other on Taylor maps."""

import numpy as np
import pytest

import tracking
from tests.tracking.rows import SYMPLECTIC_FORM
from tpsa import Descriptor
from tracking.apertures import Circle
from tracking.data import lattice_path
from tracking.engine_float import CAUSES, trace
from tracking.engine_taylor import propagate
from tracking.pack import merge_drifts, pack
from tracking.step import step

REFERENCE = tracking.ReferenceParticle.of("proton", kinetic_energy=160e6)
POINT = np.array([1.2e-3, -0.7e-3, -0.9e-3, 0.4e-3, 2e-3, 1.5e-3])


def cell(cavity: bool = False, **settings) -> tracking.Line:
    elements = {
        "qf": tracking.Quadrupole(length=0.4, k1=0.9),
        "d1": tracking.Drift(length=0.5),
        "mb": tracking.SectorBend(length=1.1, angle=0.3, e1=0.05, e2=0.1, k1=-0.1, fint=0.5, hgap=0.02),
        "sx": tracking.Sextupole(length=0.2, k2=7.0, tilt=0.1),
        "mark": tracking.Marker(),
        "oc": tracking.Octupole(length=0.1, k3=200.0),
        "thin": tracking.Multipole(knl=(0.0, 0.1, 1.0, 4.0, 30.0), ksl=(0.0, -0.02)),
        "d2": tracking.Drift(length=0.5),
        "sol": tracking.Solenoid(length=0.3, ks=0.2),
    }
    if cavity:
        elements["rf"] = tracking.RFCavity(length=0.4, volt=8e3, lag=0.1, freq=2e6)
    line = tracking.Line(list(elements.values()), list(elements), REFERENCE)
    return line.with_settings(slices=3, **settings)


def in_python(packed: tracking.PackedLine, z, first: int = 0, last: int | None = None) -> tuple:
    for row in range(first, packed.n_rows if last is None else last):
        parameters = packed.par[packed.ptr[row] : packed.ptr[row + 1]].tolist()
        z = step(int(packed.ops[row]), z, parameters, packed.beta0)
    return z


@pytest.mark.parametrize("settings", [{}, {"model": "expanded"}, {"split": "matrix-kick"}, {"fringe": "all"}], ids=str)
def test_float_engine_and_jax_agree_with_python(settings):
    from tracking.engine_jax import track_jax

    packed = pack(cell(**settings))
    expected = np.array(in_python(packed, tuple(POINT.tolist())))
    size = np.abs(expected).max()
    assert np.abs(tracking.track(packed, POINT).coordinates[0] - expected).max() < 1e-13 * size
    assert np.abs(np.asarray(track_jax(packed, POINT[None]))[0] - expected).max() < 1e-13 * size


def test_round_off_stays_small_over_many_turns():
    packed = pack(tracking.load_madx(lattice_path("spear3.madx")).with_settings(rf=False, slices=2, integrator=4))
    particles = 1e-3 * np.array([[1.0, 0.1, 0.5, -0.1, 0.0, 2.0], [-0.5, 0.0, 0.3, 0.2, 1.0, -3.0]])
    rows = [(int(op), packed.par[a:b]) for op, a, b in zip(packed.ops, packed.ptr, packed.ptr[1:], strict=False)]
    rows = [(op, parameters.astype(np.longdouble)) for op, parameters in rows]
    z = tuple(particles.T.astype(np.longdouble))
    for _ in range(10):
        for op, parameters in rows:
            z = step(op, z, parameters, np.longdouble(packed.beta0))
    error = np.abs(tracking.track(packed, particles, 10).coordinates - np.array(z).T).max(axis=0)
    assert (error < [1e-14, 1e-14, 1e-14, 1e-14, 1e-12, 1e-15]).all()


def test_trace_sees_the_particle_before_each_row():
    packed = pack(cell())
    rows = [0, 5, packed.n_rows]
    seen = trace(packed, POINT, rows)
    for k, row in enumerate(rows):
        expected = in_python(packed, tuple(POINT.tolist()), 0, row)
        assert np.abs(seen[k] - expected).max() < 1e-13 * np.abs(expected).max()


@pytest.mark.parametrize("line", [cell(), cell(cavity=True)], ids=["five variables", "with cavity"])
def test_taylor_map_is_that_of_python_series(line):
    packed = pack(line)
    descriptor = Descriptor(6, 3)
    ours = propagate(packed, descriptor, POINT)
    expected = np.array([t.coefficients for t in in_python(packed, descriptor.identity(POINT))])
    assert np.abs(ours - expected).max() < 1e-12 * np.abs(expected).max()


def test_taylor_map_predicts_tracking():
    packed = pack(cell())
    descriptor = Descriptor(6, 4)
    series = propagate(packed, descriptor, POINT)
    step_size = 1e-4 * np.array([1.0, -2.0, 1.0, 3.0, 5.0, 1.0])
    monomials = np.prod(step_size ** descriptor.exponents, axis=1)
    tracked = tracking.track(packed, POINT + step_size).coordinates[0]
    assert np.abs(series @ monomials - tracked).max() < 1e-14


def test_first_order_is_symplectic():
    matrix = propagate(pack(cell(cavity=True)), Descriptor(6, 1), POINT)[:, 1:]
    assert np.abs(matrix.T @ SYMPLECTIC_FORM @ matrix - SYMPLECTIC_FORM).max() < 1e-13 * np.abs(matrix).max() ** 2


def test_observed_series_are_those_of_shorter_lines():
    packed = pack(cell())
    descriptor = Descriptor(6, 2)
    seen = propagate(packed, descriptor, POINT, observe=packed.first_row)
    for row, series in zip(packed.first_row, seen, strict=True):
        assert np.abs(series - propagate(packed, descriptor, POINT, last=int(row))).max() < 1e-13


def test_merged_drifts_leave_the_map():
    packed = pack(cell())
    merged, bounds = merge_drifts(packed, np.array([0, packed.n_rows]))
    assert merged.n_rows < packed.n_rows
    assert bounds.tolist() == [0, merged.n_rows]
    assert np.abs(tracking.track(merged, POINT).coordinates - tracking.track(packed, POINT).coordinates).max() < 1e-15


def test_series_as_parameters_are_derivatives_by_the_knob():
    knob = tracking.Expression.parse("2*kq")
    magnets = [tracking.Quadrupole(length=0.3, k1=knob), tracking.Sextupole(length=0.2, k2=3.0)]
    elements = [magnets[0], tracking.Drift(length=1.0), magnets[1]]
    line = tracking.Line(elements, ["q", "d", "s"], REFERENCE, knobs=tracking.Knobs({"kq": 0.4}))
    descriptor = Descriptor(6, 3, 1, 3)
    series = propagate(pack(line, {"kq": descriptor.parameter(0, 0.4)}), descriptor, POINT)
    for change in (0.0, 1e-3):
        expected = tracking.track(line.with_knobs(kq=0.4 + change), POINT).coordinates[0]
        monomials = np.prod(np.array([0.0] * 6 + [change]) ** descriptor.exponents, axis=1)
        assert np.abs(series @ monomials - expected).max() < 1e-14


def test_jax_gradient_by_a_knob_is_the_series_coefficient():
    import jax

    from tracking.engine_jax import track_jax

    elements = [tracking.Quadrupole(length=0.3, k1=tracking.Expression.parse("kq")), tracking.Drift(length=1.0)]
    line = tracking.Line(elements, ["q", "d"], REFERENCE, knobs=tracking.Knobs({"kq": 0.4}))
    slope = jax.jacobian(lambda k: track_jax(line, POINT[None], overrides={"kq": k})[0])(0.4)
    descriptor = Descriptor(6, 1, 1, 1)
    series = propagate(pack(line, {"kq": descriptor.parameter(0, 0.4)}), descriptor, POINT)
    assert np.abs(np.asarray(slope) - series[:, descriptor.index([0] * 6 + [1])]).max() < 1e-15


def test_lost_particles_keep_their_place_and_cause():
    elements = [
        tracking.Drift(length=1.0, aperture=Circle(radius=1e-2)),
        tracking.Marker(aperture=Circle(radius=2e-3)),
        tracking.Drift(length=1.0),
    ]
    line = tracking.Line(elements, ["wide", "narrow", "end"], REFERENCE)
    particles = np.zeros((300, 6))
    particles[7, 0], particles[299, 0], particles[40, 1] = 3e-3, 5e-2, 2.0
    result = tracking.track(line, particles, turns=3)
    assert sorted(np.flatnonzero(~result.alive)) == [7, 40, 299]
    assert (result.lost_element[[7, 40, 299]] == [1, 0, 0]).all()
    assert [CAUSES[k] for k in result.cause[[7, 40, 299]]] == ["aperture", "not finite", "aperture"]
    assert (result.lost_turn[[7, 40, 299]] == 0).all()
    assert result.coordinates[7, 0] == 3e-3
    assert (result.coordinates[result.alive] == 0).all()


@pytest.mark.parametrize(
    ("particles", "turns", "message"),
    [
        (np.zeros((2, 5)), 1, "expected \\(n, 6\\)"),
        ([0, 0, np.nan, 0, 0, 0], 1, "not finite"),
        (np.zeros(6), -1, "turns"),
    ],
)
def test_bad_input_of_track_is_refused(particles, turns, message):
    with pytest.raises(tracking.InputError, match=message):
        tracking.track(cell(), particles, turns)


def test_propagate_refuses_rows_out_of_order_and_other_descriptors():
    packed = pack(cell())
    with pytest.raises(tracking.InputError, match="expected 6"):
        propagate(packed, Descriptor(4, 2), POINT)
    with pytest.raises(tracking.InputError, match="ascending"):
        propagate(packed, Descriptor(6, 1), POINT, observe=[5, 2])
