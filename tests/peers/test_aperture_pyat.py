"""Dynamic and momentum aperture beside pyAT: the same survivors, but for a few on the ragged border."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.ours import TaylorBeam
from benchmarks.peers import connect
from optics import aperture_grid, dynamic_aperture, momentum_aperture

at = pytest.importorskip("at")

TURNS, STEP = 100, 0.004


@pytest.fixture
def machines(load):
    """Our line and pyAT's ring, with the same expanded maps and Forest-Ruth slices."""
    line, machine = load("hard_edged")
    with connect("pyat", machine, slices=3) as pyat:
        yield TaylorBeam(line, model="expanded", slices=3).line, pyat


def survivors(pyat, start):
    """Whether particles are alive in pyAT, whose own limits are the apertures and |x|, |y| < 1 m."""
    end = pyat.track(start, TURNS)
    return np.isfinite(end).all(axis=1) & (np.abs(end[:, [0, 2]]) < 1.0).all(axis=1)


@pytest.mark.parametrize("delta", [0.0, 0.01])
def test_borders_agree_within_a_step(machines, delta):
    line, pyat = machines
    angles = np.linspace(0.1, np.pi - 0.1, 9)
    ours = dynamic_aperture(
        line, angles=angles, turns=TURNS, deltas=delta, largest=100 * STEP, tolerance=STEP, points=100
    )
    assert not ours.open.any()
    orbit, _ = at.find_orbit4(pyat.ring, dp=delta)
    assert ours.orbit[0, :4] == pytest.approx(orbit[:4], abs=1e-10)
    radii = STEP * np.arange(1, 101)
    theirs = []
    for angle in angles:
        start = np.tile(ours.orbit[0], (100, 1))
        start[:, 0] += radii * np.cos(angle)
        start[:, 2] += radii * np.sin(angle)
        theirs.append(np.minimum.accumulate(survivors(pyat, start)).sum() * STEP)
    apart = np.abs(ours.stable[0] - theirs)
    assert np.median(apart) < 1e-9 and np.all(apart < 1.5 * STEP)


def test_grids_agree_but_for_the_border(machines):
    line, pyat = machines
    x, y = np.linspace(-0.4, 0.4, 41), np.linspace(0.0, 0.4, 21)
    ours = aperture_grid(line, x, y, turns=TURNS)
    start = np.zeros((y.size, x.size, 6))
    start[..., 0], start[..., 2] = x, y[:, None]
    theirs = survivors(pyat, start.reshape(-1, 6)).reshape(ours.survived[0].shape)
    assert np.mean(theirs != ours.survived[0]) < 0.02
    assert 0.1 < ours.survived.mean() < 0.9


@pytest.mark.filterwarnings("ignore:AT tracking still assumes beta==1")
def test_momentum_apertures_agree(machines):
    """pyAT tracks from each element through the ring turned around."""
    line, pyat = machines
    found = momentum_aperture(line, ["sf:1", "sf:4", "sd:7"], turns=TURNS, largest=0.2, tolerance=0.002, points=100)
    jumps = 0.002 * np.arange(1, 101)
    for k, name in enumerate(found.names):
        base, _, count = name.partition(":")
        places = [i for i, element in enumerate(pyat.ring) if element.FamName.lower() == base]
        ring = pyat.ring.rotate(places[int(count) - 1])
        for sign, stable in ((-1.0, -found.negative[k]), (1.0, found.positive[k])):
            z = np.asfortranarray(np.zeros((6, jumps.size)))
            z[4] = sign * jumps
            at.lattice_pass(ring, z, nturns=TURNS, refpts=None)
            alive = np.isfinite(z).all(axis=0) & (np.abs(z[[0, 2]]) < 1.0).all(axis=0)
            assert 0.01 < stable < 0.19
            assert abs(np.minimum.accumulate(alive).sum() * 0.002 - stable) < 0.004
