"""Tunes and chromaticity beside xtrack with exact bends and drifts."""

from __future__ import annotations

import pytest

from benchmarks.ours import TaylorBeam
from benchmarks.peers import connect

pytest.importorskip("xtrack")


def test_tunes_and_chromaticity_agree(load):
    """Without gradients in bends: there xtrack's edge map differs from PTC's and MAD-NG's."""
    line, machine = load("plain")
    ours = TaylorBeam(line, integrator=6, slices=24).optics()
    with connect("xtrack", machine) as xtrack:
        theirs = xtrack.optics()
    assert ours.tune_error(theirs) < 1e-8
    assert ours.chromaticity_error(theirs) < 1e-4  # a finite difference
