"""Closed orbit: large orbits, six dimensions, and errors that say where the orbit was lost."""

import numpy as np
import pytest

from optics import NoClosedOrbitError, closed_orbit, one_turn_map
from tracking.engine_float import track
from tracking.errors import InputError


def test_thirty_millimetre_orbit_closes_in_tracking(ring):
    line = ring.with_knobs(kick=0.012)
    found = closed_orbit(line)
    assert np.abs(found.orbit[:, 0]).max() > 0.03
    tracked = track(line, found.start[None, :]).coordinates[0]
    assert tracked[:4] == pytest.approx(found.start[:4], abs=1e-13)
    assert found.orbit[-1, :4] == pytest.approx(found.start[:4], abs=1e-13)


def test_six_dimensional_orbit_closes_in_tracking(ring):
    line = ring.with_knobs(kick=1e-3, vrf=5.0)
    found = closed_orbit(line, dim=6)
    assert abs(found.start[5]) > 1e-6
    assert track(line, found.start[None, :]).coordinates[0] == pytest.approx(found.start, abs=1e-12)


def test_energy_deviation_is_kept_in_four_dimensions(ring):
    found = closed_orbit(ring, pzeta=2e-3)
    assert np.all(found.orbit[:, 5] == 2e-3)
    assert found.start[0] == pytest.approx(2e-3 * 3.288738794290823, rel=2e-2)  # dispersion at the start from PTC


def test_matrix_is_that_of_the_one_turn_map(ring):
    line = ring.with_knobs(kick=3e-3)
    assert closed_orbit(line).matrix == pytest.approx(one_turn_map(line, 2).jacobian(), abs=1e-11)


def test_lost_orbit_names_element_and_step(ring):
    with pytest.raises(NoClosedOrbitError, match="Newton step 1") as caught:
        closed_orbit(ring.with_knobs(kick=1.5))
    assert caught.value.element in ring.names and caught.value.step == 1


def test_without_rf_six_dimensions_have_no_orbit(ring):
    with pytest.raises(NoClosedOrbitError, match="power a cavity"):
        closed_orbit(ring, dim=6)


@pytest.mark.parametrize("wrong", [{"dim": 5}, {"pzeta": float("inf")}, {"guess": [0.0, 1.0]}, {"guess": [np.nan] * 6}])
def test_bad_arguments_are_named(ring, wrong):
    with pytest.raises(InputError, match=next(iter(wrong))):
        closed_orbit(ring, **wrong)
