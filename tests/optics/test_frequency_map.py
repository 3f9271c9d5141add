"""Frequency maps against a loop in numpy, linear optics, and themselves however they are run."""

import math

import numpy as np
import pytest
from distributed import Client, LocalCluster

from optics import UnstableMotionError, aperture_grid, frequency_map, naff, plot_frequency_map, resonances, twiss
from optics.frequency_map import PART
from optics.scans import ANY_PORT
from tests.optics.lattices import RING
from tests.optics.test_apertures import HENON, QX, QY, SEXTUPOLE
from tracking import load_madx
from tracking.errors import InputError

X, Y = np.linspace(-0.3, 0.3, 8), np.linspace(0.05, 0.25, 5)


def henon_orbits(x, y, turns):
    """(n, 2, turns) q - i p of the same map; NaN where it grows beyond 1 m."""
    px, py = np.zeros_like(x), np.zeros_like(y)
    c, s, d, t = (f(2 * math.pi * q) for q in (QX, QY) for f in (math.cos, math.sin))
    seen = []
    with np.errstate(all="ignore"):
        for _ in range(turns):
            x, px = c * x + s * px, c * px - s * x
            y, py = d * y + t * py, d * py - t * y
            px, py = px - 0.5 * SEXTUPOLE * (x * x - y * y), py + SEXTUPOLE * x * y
            gone = (np.abs(x) > 1.0) | (np.abs(y) > 1.0)
            x = np.where(gone, np.nan, x)
            seen.append(np.stack([x - 1j * px, y - 1j * py]))
    return np.moveaxis(np.array(seen), (0, 1), (2, 1))


@pytest.fixture(scope="module")
def ring(tmp_path_factory):
    path = tmp_path_factory.mktemp("fma") / "ring.madx"
    path.write_text(RING)
    return load_madx(path).with_settings(slices=2, integrator=4)


def test_tunes_are_those_of_a_loop():
    found = frequency_map(HENON, X, Y, turns=256)
    x, y = (grid.ravel() for grid in np.meshgrid(X, Y))
    orbits = henon_orbits(x, y, 256)
    alive = np.isfinite(orbits).all(axis=(1, 2))
    assert np.array_equal(found.survived[0].ravel(), alive) and 0.3 < alive.mean() < 0.95
    assert np.array_equal(found.lost_turn, aperture_grid(HENON, X, Y, turns=256).lost_turn)
    halves = orbits[..., :128], orbits[..., 128:]
    expected = np.array([naff(half, window=2).frequencies[..., 0] % 1.0 for half in halves])
    regular = alive & (found.diffusion[0].ravel() < -5)
    assert regular.sum() > 10
    for half in (0, 1):
        assert found.tunes[half, 0].reshape(-1, 2)[regular] == pytest.approx(expected[half, regular], abs=1e-10)
    change = np.hypot(*np.diff(expected, axis=0)[0].T)
    assert found.diffusion[0].ravel()[regular] == pytest.approx(np.log10(change[regular]), abs=1e-3)
    assert np.ptp(found.tunes[0, 0, ..., 0][found.survived[0]]) > 1e-3  # the sextupole detunes


def test_lost_particles_have_no_diffusion_but_the_tune_of_a_half_they_lived():
    found = frequency_map(HENON, np.linspace(-0.5, 0.5, 21), 0.2, turns=64)
    lost = ~found.survived
    late = found.lost_turn >= 32
    assert lost.any() and late.any() and found.survived.any()
    assert np.array_equal(np.isnan(found.diffusion), lost)
    assert np.array_equal(np.isfinite(found.tunes[0]).all(axis=-1), found.survived | late)
    assert np.array_equal(np.isfinite(found.tunes[1]).all(axis=-1), found.survived)


def test_small_amplitudes_have_the_tunes_of_each_momentum(ring):
    line = ring.with_knobs(kick=1e-4, kskew=0.05)
    deltas = np.array([-2e-3, 0.0, 3e-3])
    found = frequency_map(line, [1e-6, -1e-6], 1e-6, deltas=deltas, turns=512)
    beta0 = line.reference.beta0
    for k, delta in enumerate(deltas):
        pzeta = (math.sqrt(1 + beta0**2 * (2 * delta + delta**2)) - 1) / beta0**2
        optics = twiss(line, method="4d", pzeta=pzeta)
        assert found.tunes[:, k] == pytest.approx(np.tile([optics.q1, optics.q2], (2, 1, 2, 1)), abs=1e-8)
    assert found.linear_tunes[0] == pytest.approx(twiss(line, method="4d").q1, abs=1e-12)
    assert found.diffusion.max() < -8


def test_six_dimensional_motion(ring):
    line = ring.with_knobs(vrf=1.0).with_settings(rf=True)
    optics = twiss(line, method="6d")
    assert optics.qs > 1e-3
    found = frequency_map(line, 1e-6, 1e-6, deltas=[0.0, 2e-4], turns=1024)
    assert found.tunes[:, 0, 0, 0] == pytest.approx(np.tile([optics.q1, optics.q2], (2, 1)), abs=1e-8)
    assert found.tunes[:, 1, 0, 0] == pytest.approx(np.tile([optics.q1, optics.q2], (2, 1)), abs=1e-4)
    assert found.orbit[1, 5] > found.orbit[0, 5]


def test_modes_at_rest_are_moved():
    found = frequency_map(HENON, [-1e-9, 0.0, 0.1], 0.0, turns=64, least=1e-5)
    assert found.x.tolist() == [-1e-5, 1e-5, 0.1] and found.y.tolist() == [1e-5]
    assert np.isfinite(found.tunes).all()


@pytest.mark.parametrize("how", [{"threads": 2}, {"cluster": True}])
def test_bits_do_not_depend_on_how_it_is_run(how):
    x, y = np.linspace(-0.5, 0.5, 41), np.linspace(0.01, 0.4, 30)
    assert x.size * y.size > PART
    expected = frequency_map(HENON, x, y, turns=64)
    if "cluster" in how:
        options = {"n_workers": 1, "threads_per_worker": 1, "dashboard_address": ANY_PORT}
        with LocalCluster(**options) as cluster, Client(cluster) as client:
            found = frequency_map(HENON, x, y, turns=64, cluster=client)
    else:
        found = frequency_map(HENON, x, y, turns=64, **how)
    assert np.array_equal(found.tunes, expected.tunes, equal_nan=True)
    assert np.array_equal(found.lost_turn, expected.lost_turn)


def test_rows_of_the_table():
    found = frequency_map(HENON, [0.1, 0.2], [0.1, 0.15, 0.4], turns=32)
    table = found.to_pandas()
    assert len(table) == 6 and table["x"].tolist() == [0.1, 0.2] * 3 and table["y"].tolist()[:3] == [0.1, 0.1, 0.15]
    assert np.array_equal(table["late_q2"], found.tunes[1, 0, ..., 1].ravel(), equal_nan=True)
    assert np.array_equal(table["lost_turn"], found.lost_turn.ravel())


@pytest.mark.parametrize(
    ("axes", "labels"),
    [((X, Y, 0.0), ("x", "y")), ((X, 0.1, [0.0, 0.1]), ("x", "delta")), ((0.1, Y, [0.0, 0.1]), ("y", "delta"))],
)
def test_figure_of_each_plane(tmp_path, axes, labels):
    x, y, deltas = axes
    found = frequency_map(HENON, x, y, deltas=deltas, turns=32)
    figure = plot_frequency_map(found, tmp_path / "map.png", order=3)
    assert (tmp_path / "map.png").read_bytes().startswith(b"\x89PNG")
    space, diagram = figure.axes[:2]
    assert [label in text for label, text in zip(labels, (space.get_xlabel(), space.get_ylabel()), strict=True)]
    points = diagram.collections[0].get_offsets()
    assert len(points) == found.survived.sum()
    assert {tuple(p) for p in np.round(points, 9)} == {
        tuple(p) for p in np.round(found.tunes[0][found.survived], 9).tolist()
    }
    window = (0.2, 0.3), (0.3, 0.4)
    assert len(plot_frequency_map(found, order=3, window=window).axes[1].lines) == len(resonances(*window, 3)) > 0


def test_figures_need_a_plane_with_survivors():
    line = frequency_map(HENON, X, 0.1, turns=32)
    with pytest.raises(InputError, match="more than one value of two"):
        plot_frequency_map(line)
    with pytest.raises(InputError, match="delta = 1.0"):
        plot_frequency_map(line, delta=1.0)
    with pytest.raises(InputError, match="no particle"):
        plot_frequency_map(frequency_map(HENON, [0.9, 0.95], [0.9, 0.95], turns=32))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"turns": 30}, "turns = 30"),
        ({"turns": 33}, "turns = 33; expected an even"),
        ({"window": -1}, "window = -1"),
        ({"threads": 0}, "frequency map: threads = 0"),
        ({"limits": {"z": 1.0}, "cluster": "local"}, "limits"),
        ({"least": 0.0}, "least = 0.0"),
        ({"x": [[0.1]]}, "frequency map: x = "),
        ({"deltas": math.nan}, "frequency map: deltas"),
        ({"workers": 2}, "workers = 2"),
        ({"dim": 5}, "dim = 5"),
    ],
)
def test_bad_input(options, message):
    with pytest.raises(InputError, match=message):
        frequency_map(HENON, **({"x": X} | options))


def test_unstable_momenta_are_named(ring):
    with pytest.raises(UnstableMotionError) as caught:
        frequency_map(ring, 1e-3, deltas=[0.0, -0.2])
    assert caught.value.__notes__ == ["for delta = -0.2"]
