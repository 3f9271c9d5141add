"""Expanded model beside pyAT with the same Forest-Ruth splitting."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.ours import TaylorBeam
from benchmarks.peers import connect
from optics import one_turn_matrix

pytest.importorskip("at")


@pytest.mark.parametrize("slices", [3, 10])
def test_matrix_tunes_and_chromaticity_agree(load, slices):
    """Electrons, as pyAT takes beta = 1; no fint, whose dependence on delta it models in another way."""
    line, machine = load("hard_edged")
    ours = TaylorBeam(line, model="expanded", slices=slices)
    with connect("pyat", machine, slices=slices) as pyat:
        theirs, matrix = pyat.optics(), pyat.matrix()
    np.testing.assert_allclose(one_turn_matrix(ours.line, dim=4)[:4, :4], matrix, atol=1e-10)
    assert ours.optics().tune_error(theirs) < 1e-11
    assert ours.optics().chromaticity_error(theirs) < 1e-6  # a finite difference
