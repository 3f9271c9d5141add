"""Detuning from tracking beside the normal form of PTC; detuning and chromaticity beside tracking with pyAT."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.ours import TaylorBeam
from benchmarks.peers import connect
from optics import amplitude_detuning, tracked_chromaticity

CONVERGED = {"slices": 16, "integrator": 6}


@pytest.mark.parametrize(
    ("name", "largest"),
    [
        pytest.param("plain", 1e-3, marks=pytest.mark.slow),
        pytest.param("combined", 1e-5, marks=pytest.mark.slow),
        ("coupled", 1e-3),
    ],
)
def test_detuning_is_that_of_the_normal_form(load, name, largest):
    """PTC's nonlinear terms converge as 1/nst^2 only: extrapolate from 10 and 40 slices."""
    pytest.importorskip("cpymad")
    line, machine = load(name)
    limits = []
    for slices in (10, 40):
        with connect("ptc", machine, slices=slices, method=6, splitting=2) as ptc:
            limits.append(ptc.detuning())
    first, second = ((16.0 * fine - coarse) / 15.0 for coarse, fine in zip(*limits, strict=True))
    ours = amplitude_detuning(line.with_settings(**CONVERGED), largest=largest)
    assert ours.converged
    assert np.abs(ours.first - first).max() < 1e-7 * np.abs(first).max()
    assert np.abs(ours.second - second).max() < 5e-4 * np.abs(second).max()


def test_tracking_agrees_with_that_of_pyat(load):
    at = pytest.importorskip("at")
    line, machine = load("hard_edged")
    with connect("pyat", machine, slices=3) as pyat:
        line = TaylorBeam(line, model="expanded", slices=3).line
        _, slopes, *_ = at.detuning(pyat.ring, xm=1e-3, ym=1e-3, nturns=1024)
        fit, *_ = at.nonlinear.chromaticity(pyat.ring, method="laskar", dpm=2e-3, npoints=11, nturns=1024)
    assert amplitude_detuning(line).first == pytest.approx(slopes.T, rel=1e-4)
    chromaticity = tracked_chromaticity(line)
    assert chromaticity.coefficients[:, 0] == pytest.approx(fit[:, 1], rel=1e-6)
    assert chromaticity.coefficients[:, 1] == pytest.approx(fit[:, 2] / 2.0, rel=1e-4)
    assert chromaticity.coefficients[:, 2] == pytest.approx(fit[:, 3] / 6.0, rel=5e-3)
