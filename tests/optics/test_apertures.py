"""Dynamic and momentum apertures against loops in plain Python, closed forms, and themselves however they are run."""

import math

import numpy as np
import pytest
from distributed import Client, LocalCluster
from hypothesis import given, settings
from hypothesis import strategies as st

from optics import (
    NoClosedOrbitError,
    aperture_grid,
    closed_orbit,
    dynamic_aperture,
    momentum_aperture,
    plot_aperture_grid,
    plot_dynamic_aperture,
    plot_momentum_aperture,
    twiss,
)
from optics.scans import ANY_PORT
from tests.optics.lattices import RING
from tracking import Line, Matrix, Multipole, ReferenceParticle, load_madx, track
from tracking.apertures import Circle, Rectangle
from tracking.errors import InputError

ELECTRON = ReferenceParticle.of("electron", total_energy=1e9)
QX, QY = 0.254, 0.327
SEXTUPOLE = 2.0


def rotation(qx, qy):
    """A turn of beta functions of 1 m, as the (6, 6) of a `Matrix` row by row."""
    m = np.eye(6)
    for k, tune in ((0, qx), (2, qy)):
        c, s = math.cos(2 * math.pi * tune), math.sin(2 * math.pi * tune)
        m[k : k + 2, k : k + 2] = [[c, s], [-s, c]]
    return tuple(m.ravel().tolist())


HENON = Line([Matrix(matrix=rotation(QX, QY)), Multipole(knl=(0.0, 0.0, SEXTUPOLE))], ["m", "s"], ELECTRON)


def survives(x, y, turns):
    """The same map, a particle at a time."""
    c, s = math.cos(2 * math.pi * QX), math.sin(2 * math.pi * QX)
    d, t = math.cos(2 * math.pi * QY), math.sin(2 * math.pi * QY)
    px = py = 0.0
    for _ in range(turns):
        x, px, y, py = c * x + s * px, c * px - s * x, d * y + t * py, d * py - t * y
        if not (abs(x) <= 1.0 and abs(y) <= 1.0):
            return False
        px, py = px - SEXTUPOLE * (x * x - y * y) / 2, py + SEXTUPOLE * x * y
    return True


def oracle(angle, largest, points, tolerance, turns):
    """Amplitudes tried one after the other, from the inside, in ever smaller steps."""
    stable, step = 0.0, largest / points
    lost = None
    while lost is None or lost - stable > tolerance * (1 + 1e-9):
        tried = points
        if lost is not None:
            step, tried = (lost - stable) / (points + 1), points
        inner = stable
        for j in range(1, tried + 1):
            r = inner + j * step
            if not survives(r * math.cos(angle), r * math.sin(angle), turns):
                lost = r
                break
            stable = r
        if lost is None:
            return stable, math.inf
    return stable, lost


@settings(deadline=None, max_examples=5)
@given(points=st.integers(1, 9), largest=st.floats(0.2, 1.5))
def test_borders_are_those_of_a_loop_over_particles(points, largest):
    found = dynamic_aperture(HENON, angles=5, turns=30, largest=largest, tolerance=1e-4, points=points)
    expected = np.array([oracle(angle, largest, points, 1e-4, 30) for angle in found.angles])
    assert found.stable[0] == pytest.approx(expected[:, 0], abs=2e-4)
    assert np.array_equal(found.open[0], np.isinf(expected[:, 1]))
    closed = ~found.open[0]
    assert np.all((found.lost - found.stable)[0, closed] <= 1e-4)


def test_grid_is_that_of_a_loop_over_particles():
    x, y = np.linspace(-0.8, 0.8, 15), np.linspace(0.0, 0.6, 7)
    found = aperture_grid(HENON, x, y, turns=60)
    expected = [[survives(a, b, 60) for a in x] for b in y]
    assert np.array_equal(found.survived[0], expected) and 0 < found.survived.sum() < found.survived.size
    frame = found.to_pandas()
    one = frame[(frame.x == x[3]) & (frame.y == y[2])].iloc[0]
    assert one.survived == expected[2][3] and one.lost_turn == found.lost_turn[0, 2, 3]


def test_linear_ring_is_as_wide_as_its_aperture():
    """A rectangle turned in phase space: |x| and |y| reach it when the phase has gone around."""
    hole = Multipole(aperture=Rectangle(half_width=4e-3, half_height=3e-3))
    line = Line([Matrix(matrix=rotation(0.5 * (math.sqrt(5) - 1), math.sqrt(2) - 1)), hole], ["m", "h"], ELECTRON)
    angles = np.linspace(0.1, 3.0, 12)
    found = dynamic_aperture(line, angles=angles, turns=800, largest=6e-3, tolerance=1e-6)
    expected = np.minimum(4e-3 / np.abs(np.cos(angles)), 3e-3 / np.sin(angles))
    assert found.stable[0] == pytest.approx(expected, rel=1e-3)
    scaled = dynamic_aperture(line, angles=angles, turns=800, largest=6.0, tolerance=1e-3, scale=(2e-3, 1e-3))
    assert scaled.x**2 / 4 + scaled.y**2 == pytest.approx(1e-6 * scaled.stable**2)
    assert np.max(np.abs(scaled.x / 4e-3), axis=1) == pytest.approx(1.0, rel=1e-2)


def test_area_of_a_round_aperture():
    hole = Multipole(aperture=Circle(radius=2e-3))
    line = Line([Matrix(matrix=rotation(0.5, 0.5)), hole], ["m", "h"], ELECTRON)
    found = dynamic_aperture(line, angles=181, turns=2, largest=5e-3, tolerance=1e-8, deltas=[0.0])
    assert found.area[0] == pytest.approx(0.5 * math.pi * 2e-3**2, rel=1e-4)


def test_search_that_finds_no_loss_is_open():
    found = dynamic_aperture(HENON, angles=3, turns=20, largest=0.01)
    assert found.open.all() and np.all(found.stable == 0.01) and np.isinf(found.lost).all()


@pytest.fixture(scope="module")
def ring(tmp_path_factory):
    path = tmp_path_factory.mktemp("ring") / "ring.madx"
    path.write_text(RING)
    return load_madx(path, sequence="ring").with_settings(slices=2, integrator=4)


@pytest.fixture(scope="module")
def client():
    options = {"n_workers": 1, "threads_per_worker": 1, "dashboard_address": ANY_PORT}
    with LocalCluster(**options) as cluster, Client(cluster) as client:
        yield client


@pytest.mark.parametrize("radiation", ["none", "gaussian"])
def test_however_it_is_run(ring, client, radiation):
    """Threads and clusters give the same bits, quantum radiation too."""
    line, deltas = ring, [-3e-3, 4e-3]
    if radiation != "none":
        line, deltas = ring.with_reference(ELECTRON).with_knobs(vrf=0.5).with_settings(radiation=radiation), [0.0]
    options = {"angles": 40, "turns": 10, "largest": 0.9, "deltas": deltas}
    one = dynamic_aperture(line, **options)
    assert not one.open.any() and one.stable.min() > 0.0
    for choice in ({"threads": 2}, {"cluster": client}):
        other = dynamic_aperture(line, **options, **choice)
        assert np.array_equal(other.stable, one.stable) and np.array_equal(other.lost, one.lost)
    if radiation != "none":
        assert not np.array_equal(dynamic_aperture(line, seed=1, **options).stable, one.stable)


def test_grid_and_momentum_aperture_on_a_cluster(ring, client):
    x, y = np.linspace(-0.9, 0.9, 60), np.linspace(0.0, 0.9, 30)
    here, there = (aperture_grid(ring, x, y, turns=10, cluster=cluster) for cluster in (None, client))
    assert np.array_equal(here.lost_turn, there.lost_turn) and np.unique(here.lost_turn).size > 3
    here, there = (momentum_aperture(ring, "q*", turns=10, largest=0.9, cluster=cluster) for cluster in (None, client))
    assert np.array_equal(here.positive, there.positive) and np.array_equal(here.negative_lost, there.negative_lost)
    assert np.unique(here.positive).size > 3


def test_off_momentum_orbits(ring):
    """Amplitudes count from the closed orbit of the momentum, and the border found survives in plain tracking."""
    found = dynamic_aperture(ring, angles=5, turns=30, largest=0.9, deltas=[-3e-3, 4e-3], tolerance=1e-4)
    for k in range(2):
        orbit = closed_orbit(ring, dim=4, pzeta=found.orbit[k, 5]).start
        assert found.orbit[k] == pytest.approx(orbit, abs=1e-14) and abs(orbit[0]) > 5e-3
        for radius, all_alive in ((found.stable, True), (found.lost, False)):
            start = np.tile(orbit, (5, 1))
            start[:, 0] += radius[k] * np.cos(found.angles)
            start[:, 2] += radius[k] * np.sin(found.angles)
            alive = track(ring.with_settings(rf=False), start, 30, limits={"x": 1.0, "y": 1.0}).alive
            assert np.all(alive == all_alive)


def test_start_inside_the_ring(ring):
    """Started at an element's exit, the border is that of the ring that begins there."""
    at = "b:4"
    first = ring.index(at) + 1
    turned = Line(
        ring.elements[first:] + ring.elements[:first], ring.base_names[first:] + ring.base_names[:first],
        ring.reference, ring.knobs, ring.settings,
    )  # fmt: skip
    options = {"angles": 9, "turns": 40, "largest": 0.9, "deltas": 2e-3}
    here, there = dynamic_aperture(ring, at=at, **options), dynamic_aperture(turned, **options)
    assert here.orbit[0, :4] == pytest.approx(there.orbit[0, :4], abs=1e-13)
    assert np.median(np.abs(here.stable - there.stable)) <= 1e-3
    grid = aperture_grid(ring, [0.0, 0.5, 1.5], [0.0], turns=10, at=at)
    assert grid.lost_turn[0, 0, 0] == -1 and grid.lost_turn[0, 0, 1] > 0 and grid.lost_turn[0, 0, 2] == 0


def test_orbits_with_cavities(ring):
    line = ring.with_knobs(vrf=2.0, kick=1e-3)
    found = dynamic_aperture(line, angles=3, turns=10, largest=0.2, deltas=[0.0, 3e-3])
    center = closed_orbit(line, dim=6).start
    assert found.orbit[0] == pytest.approx(center, abs=1e-12)
    assert found.orbit[1, 0] - center[0] == pytest.approx(3e-3 * twiss(line, method="4d").dx[0], rel=0.05)
    assert np.all(found.stable > 0.01)


def test_momentum_without_orbit_is_named(ring):
    with pytest.raises(NoClosedOrbitError) as caught:
        dynamic_aperture(ring, deltas=[0.0, 0.9], turns=1)
    assert "delta = 0.9" in caught.value.__notes__[0]


def test_momentum_aperture_of_a_linear_ring():
    """|D_c delta| + sqrt(beta_c H_i) |delta| reaches the aperture when the phase has gone around."""
    tunes = (0.5 * (math.sqrt(5) - 1), math.sqrt(2) - 1)
    m = np.reshape(rotation(*tunes), (6, 6)).copy()
    dispersion, slope = 0.7, -0.4
    m[:2, 5] = (np.eye(2) - m[:2, :2]) @ [dispersion, slope]
    m[4, :2] = -(m[:2, 5] @ [[0.0, 1.0], [-1.0, 0.0]] @ m[:2, :2])
    hole = Multipole(aperture=Circle(radius=5e-3))
    line = Line([hole, Matrix(matrix=tuple(m.ravel().tolist()))], ["h", "m"], ELECTRON)
    found = momentum_aperture(line, turns=2000, largest=0.05, tolerance=1e-6, dim=4)
    invariant = math.hypot(dispersion, slope)
    assert found.positive == pytest.approx(5e-3 / (dispersion + invariant), rel=2e-3)
    assert found.negative == pytest.approx(-found.positive, rel=2e-3)
    assert found.names == ("h", "m") and not found.open.any()


def test_momentum_aperture_along_a_ring(ring):
    """Against particles tracked one place at a time, through the ring turned so that it begins there."""
    line = ring.with_knobs(kick=1e-4).with_settings(rf=False)
    for element in ("qf", "qd"):
        line = line.replace(element, type(line[line.find(element)[0]])(
            length=0.4, k1=0.78 if element == "qf" else -0.72, aperture=Circle(radius=0.03)))  # fmt: skip
    found = momentum_aperture(line, ["qf*", "oc"], turns=15, largest=0.02, tolerance=1e-4)
    orbit = closed_orbit(line, dim=4).orbit
    assert list(found.s) == sorted(found.s) and set(found.names) == {*(f"qf:{k}" for k in range(1, 7)), "oc"}
    for name, negative, positive, too_much in zip(
        found.names, found.negative, found.positive, found.positive_lost, strict=True
    ):
        first = line.index(name)
        turned = Line(
            line.elements[first:] + line.elements[:first], line.base_names[first:] + line.base_names[:first],
            line.reference, line.knobs, line.settings,
        )  # fmt: skip
        start = np.tile(orbit[first], (3, 1))
        for row, delta in enumerate((negative, positive, too_much)):
            momentum = 1.0 + delta
            energy = math.hypot(momentum * line.reference.p0c, line.reference.mass)
            start[row, 5] = (energy / line.reference.total_energy - 1.0) / line.reference.beta0**2
        assert track(turned, start, 15).alive[:2].all() and not track(turned, start, 16).alive[2]
    frame = found.to_pandas()
    assert frame.loc["oc", "positive"] == found.positive[found.names.index("oc")]


@pytest.mark.parametrize(
    "wrong",
    [
        {"angles": 1}, {"angles": [1.0, 0.5]}, {"deltas": [np.nan]}, {"turns": 0}, {"largest": -1.0},
        {"tolerance": 0.0}, {"points": 0}, {"scale": (1.0, 0.0)}, {"at": "nothing"}, {"dim": 5},
        {"limits": {"x": -1.0}}, {"limits": {"x": -1.0}, "cluster": "local"}, {"threads": 0, "cluster": "local"},
    ],
)  # fmt: skip
def test_bad_arguments_are_named(wrong):
    with pytest.raises(InputError, match=next(iter(wrong)) if "at" not in wrong else "nothing"):
        dynamic_aperture(HENON, **wrong)


@pytest.mark.parametrize("wrong", [{"at": []}, {"at": "q*"}, {"largest": 1.0}, {"turns": True}])
def test_bad_arguments_of_the_momentum_aperture(wrong):
    with pytest.raises(InputError, match=next(iter(wrong))):
        momentum_aperture(HENON, **{"dim": 4, **wrong})


def test_plots(tmp_path):
    border = dynamic_aperture(HENON, angles=5, turns=10, largest=0.2, deltas=[0.0, 1e-3])
    figure = plot_dynamic_aperture(border, tmp_path / "border.png")
    assert (tmp_path / "border.png").read_bytes().startswith(b"\x89PNG")
    x, y = figure.axes[0].lines[0].get_data()
    assert x == pytest.approx(1e3 * border.x[0]) and y == pytest.approx(1e3 * border.y[0])
    assert figure.axes[0].get_xlabel() == "$x$ [mm]"
    assert len(plot_dynamic_aperture([border, border]).axes[0].get_legend().get_texts()) == 2
    grid = aperture_grid(HENON, [0.1, 0.9], [0.0], turns=10)
    colors = plot_aperture_grid(grid).axes[0].collections[0].get_array()
    assert colors.ravel().tolist() == [10.0, float(grid.lost_turn[0, 0, 1])]
    momentum = momentum_aperture(HENON, turns=5, dim=4)
    lines = plot_momentum_aperture(momentum, tmp_path / "momentum.pdf").axes[0].lines
    assert lines[0].get_ydata() == pytest.approx(100 * momentum.negative)
    with pytest.raises(InputError, match="path"):
        plot_momentum_aperture(momentum, tmp_path / "momentum.doc")
    with pytest.raises(InputError, match="delta"):
        plot_aperture_grid(grid, delta=0.5)
    with pytest.raises(InputError, match="results"):
        plot_dynamic_aperture([])
