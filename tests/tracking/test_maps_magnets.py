"""Physics of drifts and magnets, against their Hamiltonians, Maxwell's equations and geometry."""

from math import factorial

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import solve_ivp

from tests.cases import sector
from tests.tracking.rows import REFERENCE, TINY, jacobian, rows_of, through
from tracking.elements import (
    DipoleEdge,
    Drift,
    Multipole,
    Octupole,
    Quadrupole,
    RectangularBend,
    SectorBend,
    Sextupole,
)
from tracking.errors import ElementError
from tracking.lower.curved import curved_potential, potential_gradient
from tracking.ops import Op
from tracking.step import step

BETA0 = REFERENCE.beta0
Z = (6e-3, -3e-3, 5e-3, 4e-3, 1e-3, 2e-3)
ZERO = (0.0,) * 6
small = st.floats(-1e-2, 1e-2)
points = st.tuples(*[small] * 6)
BEND = SectorBend(length=1.1, angle=0.5, k1=0.4, e1=0.2, e2=0.1)


def integrated(slopes, z, ds):
    """Coordinates after ds by numerical integration of the equations of motion."""
    return solve_ivp(lambda s, w: slopes(*w), (0.0, ds), z, rtol=1e-13, atol=1e-16, method="DOP853").y[:, -1]


def exact_slopes(h, k0):
    def slopes(x, px, y, py, zeta, pzeta):
        pz = np.sqrt(1 + 2 * pzeta + BETA0**2 * pzeta**2 - px**2 - py**2)
        b = 1 + h * x
        return [b * px / pz, h * pz - k0 * b, b * py / pz, 0, 1 - b * (1 + BETA0**2 * pzeta) / pz, 0]

    return slopes


def expanded_slopes(h, k0, k1):
    def slopes(x, px, y, py, zeta, pzeta):
        p = np.sqrt(1 + 2 * pzeta + BETA0**2 * pzeta**2)
        path = 1 + h * x + (px**2 + py**2) / (2 * p**2)
        rate = (1 + BETA0**2 * pzeta) / p
        return [px / p, h * p - k0 * (1 + h * x) - k1 * x, py / p, k1 * y, 1 - rate * path, 0]

    return slopes


@pytest.mark.parametrize(("ds", "h", "k0"), [(0.8, 0.9, 0.9), (0.8, 0.9, 0.2), (0.8, 0.0, 0.2), (0.8, 0.9, 0.0)])
def test_exact_bend_solves_its_hamiltonian(ds, h, k0):
    after = step(Op.SECTOR_BEND, Z, sector(ds, h, k0), BETA0)
    assert np.abs(integrated(exact_slopes(h, k0), Z, ds) - after).max() < 5e-15


def test_bend_of_large_radius_keeps_all_digits():
    ds, h = 14.3, 3.566e-4
    k0 = h * (1 + 1e-5)
    after = step(Op.SECTOR_BEND, Z, sector(ds, h, k0), BETA0)
    assert np.abs(integrated(exact_slopes(h, k0), Z, ds) - after).max() < 2e-14
    assert step(Op.SECTOR_BEND, ZERO, sector(ds, h, h), BETA0)[:4] == (0.0, 0.0, 0.0, 0.0)


def test_half_a_turn():
    """Particles of the same momentum meet again after pi, whatever their angle."""
    after = through(SectorBend(length=np.pi, angle=np.pi), (0.0, 0.1, 0.0, 0.0, 0.0, 0.0), slices=3)
    assert after[0] == pytest.approx(2 * (np.sqrt(1 - 0.1**2) - 1), abs=1e-15)
    assert after[1] == pytest.approx(-0.1, abs=1e-15)


def test_bend_goes_over_into_a_drift_smoothly():
    straight = step(Op.DRIFT, Z, (0.8,), BETA0)
    for size in (0.0, 1e-300, 1e-18):
        assert step(Op.SECTOR_BEND, Z, sector(0.8, size, size), BETA0) == pytest.approx(straight, abs=1e-16)


@pytest.mark.parametrize("k1", [1.2, -1.2, 0.0])
@pytest.mark.parametrize(("h", "k0"), [(0.9, 0.8), (0.0, 0.0)])
def test_expanded_bodies_solve_their_hamiltonian(h, k0, k1):
    expected = integrated(expanded_slopes(h, k0, k1), Z, 0.7)
    assert np.abs(step(Op.COMBINED_BODY, Z, (0.7, h, k0, k1), BETA0) - expected).max() < 1e-15
    if h == 0:
        assert np.abs(step(Op.QUADRUPOLE_BODY, Z, (0.7, k1), BETA0) - expected).max() < 1e-15


def test_expanded_drift_and_its_correction_make_the_exact_one():
    expanded = step(Op.DRIFT_EXPANDED, Z, (2.0,), BETA0)
    assert step(Op.DRIFT_CORRECTION, expanded, (2.0,), BETA0) == pytest.approx(
        step(Op.DRIFT, Z, (2.0,), BETA0), abs=1e-15
    )


@settings(max_examples=20, deadline=None)
@given(z=points)
def test_wedge_is_a_bend_of_no_radius(z):
    """A rotation by an angle and a wedge back by the same angle, without field, do nothing."""
    c, s, v = np.cos(0.3), np.sin(0.3), 2 * np.sin(0.15) ** 2
    turned = step(Op.ROTATION, z, (c, s), BETA0)
    assert np.abs(np.subtract(step(Op.WEDGE, turned, (0.0, c, -s, v), BETA0), z)).max() < 5e-16


@pytest.mark.parametrize("n", range(6))
def test_multipole_kick_is_the_complex_power(n):
    normal, skew = 3.0, -2.0
    knl, ksl = (0.0,) * n + (normal,), (0.0,) * n + (skew,)
    after = through(Multipole(knl=knl, ksl=ksl, angle=0.0), Z)
    field = (normal + 1j * skew) * complex(Z[0], Z[2]) ** n / factorial(n)
    if n == 0:
        field = field.real  # a skew dipole bends the reference orbit too
        after[3] = Z[3]
    assert after[1] - Z[1] == pytest.approx(-field.real, abs=1e-16)
    assert after[3] - Z[3] == pytest.approx(field.imag, abs=1e-16)


@pytest.mark.parametrize(
    ("named", "general"),
    [
        (Quadrupole(length=0.4, k1=2.0), Quadrupole(length=0.4, knl=(0.0, 0.8))),
        (Quadrupole(length=0.4, k1s=2.0), Quadrupole(length=0.4, ksl=(0.0, 0.8))),
        (Sextupole(length=0.4, k2=20.0), Drift(length=0.4)),
        (Octupole(length=0.4, k3=200.0), Quadrupole(length=0.4, knl=(0.0, 0.0, 0.0, 80.0))),
    ],
    ids=lambda element: element.keyword,
)
def test_integrated_strengths_are_spread_over_the_length(named, general):
    if isinstance(general, Drift):
        general = Quadrupole(length=0.4, knl=(0.0, 0.0, 8.0))
    assert through(named, Z) == pytest.approx(through(general, Z), abs=1e-17)


def fields(kick, x, y, h):
    """(1 + h x) By and (1 + h x) Bx that a kick sees."""
    after = kick((x, 0.0, y, 0.0, 0.0, 0.0))
    return -after[1], after[3]


CURVED = {
    "quadrupole": (lambda z: step(Op.CURVED_QUADRUPOLE_KICK, z, (0.7, 0.9), BETA0), [(0.0, 0.0), (0.7, 0.0)]),
    "sextupole": (lambda z: step(Op.CURVED_SEXTUPOLE_KICK, z, (0.7, 3.0, 0.9), BETA0), [(0, 0), (0.7, 0), (3.0, 0)]),
    "general": (
        lambda z: step(
            Op.CURVED_MULTIPOLE_KICK,
            z,
            tuple(potential_gradient(curved_potential([(0, 0.1), (0.7, 0.2), (3.0, 1.0)], 0.9))),
            BETA0,
        ),
        [(0, 0.1), (0.7, 0.2), (3.0, 1.0)],
    ),
}


@pytest.mark.parametrize("name", CURVED)
def test_curved_kicks_obey_maxwell(name):
    """Free of curl and divergence up to terms beyond those kept, and the given field on the midplane."""
    kick, strengths = CURVED[name]
    h = 0.9
    errors = []
    for size in (4e-2, 2e-2):
        x, y = 0.7 * size, size
        b = 1 + h * x
        by, bx = fields(kick, x, y, h)
        by_x, bx_x = (f.imag / TINY for f in fields(kick, x + 1j * TINY, y, h))
        by_y, bx_y = (f.imag / TINY for f in fields(kick, x, y + 1j * TINY, h))
        curl = (by_x - h * by / b) / b - bx_y / b
        errors.append(max(abs(curl), abs(bx_x + by_y)))
        x = size
        by, bx = fields(kick, x, 0.0, h)
        assert by == pytest.approx((1 + h * x) * sum(k * x**n / factorial(n) for n, (k, _) in enumerate(strengths)))
        assert bx == pytest.approx((1 + h * x) * sum(k * x**n / factorial(n) for n, (_, k) in enumerate(strengths)))
    assert errors[1] < 1e-5
    assert errors[1] < 1e-12 or np.log2(errors[0] / errors[1]) > 3.5


@pytest.mark.parametrize("fint", [0.0, 0.5])
def test_models_have_the_same_linear_part(fint):
    bend = SectorBend(length=1.1, angle=0.5, k1=0.4, e1=0.2, e2=0.1, fint=fint, hgap=0.03)
    exact, expanded = (jacobian(bend, ZERO, model=m, integrator=8, slices=20) for m in ("exact", "expanded"))
    assert np.abs(exact - expanded).max() < 1e-13


@pytest.mark.parametrize(("fint", "hgap"), [(0.0, 0.0), (0.45, 0.04)])
@pytest.mark.parametrize("angle", [0.0, 0.3, -0.2])
def test_edge_focuses_as_browns_formula(angle, fint, hgap):
    k0 = 0.8
    bend = SectorBend(length=1.0, angle=k0, e1=angle, fint=fint, hgap=hgap)
    rows = rows_of(bend, slices=1)
    edge = rows[: [op for op, _ in rows].index(Op.SECTOR_BEND)]

    def enter(z):
        for op, p in edge:
            z = step(op, z, p, BETA0)
        return np.array(z)

    matrix = np.array([enter(tuple(1j * TINY * u)).imag for u in np.eye(6)]).T / TINY
    correction = 2 * k0 * fint * hgap * (1 + np.sin(angle) ** 2) / np.cos(angle)
    expected = np.eye(6)
    expected[1, 0] = k0 * np.tan(angle)
    expected[3, 2] = -k0 * np.tan(angle - correction)
    assert np.abs(matrix - expected).max() < 1e-15
    dipedge = jacobian(DipoleEdge(h=k0, e1=angle, fint=fint, hgap=hgap), ZERO)
    assert np.abs(dipedge - expected).max() < 1e-15


def test_fringe_flags():
    """A killed fringe takes the vertical focusing along; the expanded model then has no edge at all."""
    killed = SectorBend(length=1.1, angle=0.5, e1=0.2, e2=0.1, kill_entrance_fringe=True, kill_exit_fringe=True)
    open_ = SectorBend(length=1.1, angle=0.5, e1=0.2, e2=0.1)
    assert jacobian(killed, ZERO)[3, 2] == pytest.approx(0.0, abs=1e-16)
    assert jacobian(open_, ZERO)[3, 2] < -0.1
    assert np.array_equal(through(killed, Z), through(open_, Z, fringe="none"))
    flat = SectorBend(length=1.1, angle=0.5)
    assert np.array_equal(through(killed, Z, model="expanded"), through(flat, Z, model="expanded"))


def test_quadrupole_fringe_is_forests():
    """x + k1 (x^3 + 3 x y^2)/12 at the entrance, y with the opposite sign; the exit takes it back to first order."""
    k1, x, y = 2.0, 6e-3, 4e-3
    entrance = rows_of(Quadrupole(length=0.5, k1=k1), fringe="all")[0]
    after = step(*entrance[:1], (x, 0.0, y, 0.0, 0.0, 0.0), entrance[1], BETA0)
    assert after[0] - x == pytest.approx(k1 / 12 * (x**3 + 3 * x * y**2))
    assert after[2] - y == pytest.approx(-k1 / 12 * (y**3 + 3 * y * x**2))
    assert rows_of(Quadrupole(length=0.5, k1=k1), fringe="dipole")[0][0] == Op.DRIFT


def test_rectangular_bend_is_a_sector_bend_with_turned_faces():
    chord = RectangularBend(length=1.1, angle=0.5, k1=0.4, e1=0.02)
    assert np.array_equal(through(chord, Z), through(SectorBend(length=1.1, angle=0.5, k1=0.4, e1=0.27, e2=0.25), Z))


def test_field_is_independent_of_the_curvature():
    """A field without curvature bends the orbit; the curvature without field leaves rays straight."""
    bent = through(RectangularBend(length=1.0, k0=0.2), ZERO)
    assert bent[1] == pytest.approx(-0.2, abs=1e-16)
    assert bent[0] == pytest.approx(-(1 - np.sqrt(1 - 0.2**2)) / 0.2, abs=1e-15)
    straight = through(SectorBend(length=1.0, angle=0.3, k0=0.0), ZERO)
    assert straight[1] == pytest.approx(np.sin(0.3), abs=1e-15)
    assert straight[0] == pytest.approx((1 / np.cos(0.3) - 1) / 0.3, abs=1e-15)


@pytest.mark.parametrize("model", ["exact", "expanded"])
def test_tilt_turns_the_field(model):
    upright = jacobian(BEND, ZERO, model=model)
    rolled = jacobian(SectorBend(**{**vars(BEND), "tilt": np.pi / 2}), ZERO, model=model)
    swapped = [2, 3, 0, 1, 4, 5]
    signs = np.array([-1, -1, 1, 1, 1, 1])  # y takes the part of x, x that of -y
    assert (
        np.abs(
            rolled[np.ix_(swapped, swapped)] - signs[[2, 3, 0, 1, 4, 5]][:, None] * upright * signs[[2, 3, 0, 1, 4, 5]]
        ).max()
        < 1e-14
    )
    skew = through(Quadrupole(length=0.4, k1s=-2.0), Z, model=model)
    assert through(Quadrupole(length=0.4, k1=2.0, tilt=np.pi / 4), Z, model=model) == pytest.approx(skew, abs=1e-16)


def test_thin_bend_is_the_limit_of_a_short_one():
    angle, length = 1e-4, 1e-3
    thin = jacobian(Multipole(knl=(angle,), lrad=length), ZERO)
    thick = jacobian(SectorBend(length=length, angle=angle), ZERO, model="expanded")
    assert thin[1] == pytest.approx(thick[1], rel=1e-8, abs=1e-16)
    assert thin[4, 0] == pytest.approx(thick[4, 0], rel=1e-8)
    assert through(Multipole(knl=(angle,)), ZERO) == pytest.approx(ZERO, abs=1e-18)


@pytest.mark.parametrize(("model", "vertical"), [("exact", 2.0), ("expanded", 1.0)])
def test_curved_pole_face_kicks_to_second_order(model, vertical):
    """px + k0 h1 (x^2 - y^2)/2 in the expanded model (SLAC-75); PTC's exact face has twice the vertical terms."""
    k0, h1, x, y = 0.8, 0.5, 2e-4, 3e-4
    bend = SectorBend(length=1.0, angle=k0, k0=k0, h1=h1)
    face = next((op, p) for op, p in rows_of(bend, model=model) if op in (Op.POLE_FACE, Op.FACE_KICK))
    after = step(*face[:1], (x, 0.0, y, 0.0, 0.0, 0.0), face[1], BETA0)
    assert after[1] == pytest.approx(k0 * h1 * (x**2 - vertical * y**2) / 2)
    assert after[3] == pytest.approx(-k0 * h1 * vertical * x * y)


@pytest.mark.parametrize("fields", [{"angle": 1e300}, {"k0": -1e9}])
def test_bend_of_too_many_turns_is_refused(fields):
    with pytest.raises(ElementError, match="expected at most 1000 rad"):
        rows_of(SectorBend(length=1.0, **fields))


def test_bend_without_length_is_refused():
    with pytest.raises(ElementError, match="length = 0.0; expected a length above 0"):
        rows_of(SectorBend(angle=0.1))
