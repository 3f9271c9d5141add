"""Taylor maps beside MAD-NG with identical splitting: the answers must agree to round-off."""

from __future__ import annotations

import pytest

from benchmarks.ours import TaylorBeam
from benchmarks.peers import connect
from benchmarks.terms import map_error

pytest.importorskip("pymadng")


@pytest.mark.parametrize("name", ["plain", "combined"])
def test_maps_agree_to_round_off(load, name):
    line, machine = load(name)
    ours = TaylorBeam(line, slices=3)
    with connect("madng", machine, slices=3) as madng:
        theirs = madng.one_turn_map(4, ours.orbit)
    mine = ours.one_turn_map(4)
    assert max(map_error(mine, theirs, order) for order in (1, 2, 3, 4)) < 1e-12


@pytest.mark.parametrize("name", ["plain", "combined"])
def test_tunes_and_chromaticity_agree(load, name):
    line, machine = load(name)
    ours = TaylorBeam(line, slices=4).optics()
    with connect("madng", machine, slices=4) as madng:
        theirs = madng.optics()
    assert ours.tune_error(theirs) < 1e-12
    assert ours.chromaticity_error(theirs) < 1e-11
