"""Converged optics and maps beside PTC (MAD-X 5.09.03 through cpymad): exact and expanded model, coupling, cavities."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.peers import Machine, Optics, connect
from benchmarks.terms import Terms, map_error, stacked, synchrotron_tune, terms_of
from optics import one_turn_map, one_turn_matrix, twiss

pytest.importorskip("cpymad")
CONVERGED = {"slices": 32, "integrator": 6}
PTC_CONVERGED = {"slices": 20, "method": 6, "splitting": 2}


def optics_of(line) -> Optics:
    found = twiss(line, method="4d")
    return Optics(found.q1, found.q2, found.dq1, found.dq2)


def ptc_map(machine: Machine, slices: int) -> Terms:
    with connect("ptc", machine, **{**PTC_CONVERGED, "slices": slices}) as ptc:
        return ptc.one_turn_map(3)


@pytest.mark.parametrize("name", ["plain", "combined", "coupled"])
@pytest.mark.parametrize("model", ["exact", "expanded"])
def test_tunes_and_chromaticity_agree(load, name, model):
    line, machine = load(name)
    with connect("ptc", machine, **PTC_CONVERGED, exact=model == "exact") as ptc:
        theirs = ptc.optics()
    ours = optics_of(line.with_settings(model=model, **CONVERGED))
    assert ours.tune_error(theirs) < 2e-10  # PTC's summary carries ten digits
    assert ours.chromaticity_error(theirs) < 1e-8


@pytest.mark.parametrize("name", ["plain", "combined", "coupled"])
def test_map_terms_agree_with_the_limit_of_ptc(load, name):
    """PTC's third-order terms converge as 1/nst^2 only: extrapolate from 10 and 40 slices."""
    line, machine = load(name)
    coarse, fine = (ptc_map(machine, slices) for slices in (10, 40))
    ours = terms_of(one_turn_map(line.with_settings(**CONVERGED), 3))
    assert map_error(ours, fine, 1) < 1e-9
    assert map_error(ours, fine, 2) < 1e-9
    limit = {p: (16.0 * fine[p] - coarse.get(p, np.zeros(6))) / 15.0 for p in fine}
    assert map_error(ours, limit, 3) < 1e-7


def test_closed_orbit_with_kickers_agrees(load):
    line, machine = load("coupled")
    with connect("ptc", machine, **PTC_CONVERGED) as ptc:
        orbit = stacked(ptc.one_turn_map(1), 0)[0]
    ours = stacked(terms_of(one_turn_map(line.with_settings(**CONVERGED), 1)), 0)[0]
    assert np.abs(orbit[:4]).max() > 1e-4
    np.testing.assert_allclose(ours[:4], orbit[:4], atol=1e-11)


def test_synchrotron_tune_agrees(load):
    line, machine = load("cavity")
    with connect("ptc", machine, **PTC_CONVERGED, rf=True) as ptc:
        terms = ptc.one_turn_map(1)
    theirs = synchrotron_tune(np.array([terms[tuple(row)] for row in np.eye(6, dtype=int).tolist()]).T)
    ours = synchrotron_tune(one_turn_matrix(line.with_settings(rf=True, **CONVERGED), dim=6))
    assert theirs > 1e-4
    assert ours == pytest.approx(theirs, abs=1e-10)
