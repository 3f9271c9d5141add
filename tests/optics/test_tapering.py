"""Tapered magnets and phased cavities: the closed orbit of a radiating ring is brought back."""

import numpy as np
import pytest

from optics import closed_orbit, phase_cavities, taper, twiss
from tests.optics.lattices import RING
from tracking import Expression, InputError
from tracking.io.madx import load_madx


@pytest.fixture(scope="module")
def radiating(tmp_path_factory):
    """The small ring as one of 8 GeV electrons, which lose 1% of their energy in a turn."""
    path = tmp_path_factory.mktemp("taper") / "ring.madx"
    path.write_text(RING.replace("particle=proton, pc=1.2", "particle=electron, energy=8"))
    return load_madx(path).with_knobs(vrf=300.0).with_settings(radiation="mean", slices=4)


def test_tapering_takes_the_orbit_back(radiating):
    bare = closed_orbit(radiating).orbit
    line = taper(radiating)
    orbit = closed_orbit(line).orbit
    assert np.ptp(bare[:, 5]) > 5e-3
    assert np.abs(orbit[:, 0]).max() < 0.1 * np.abs(bare[:, 0]).max()
    assert np.average(orbit[1:, 5], weights=np.diff(line.s)) == pytest.approx(0.0, abs=5e-4)


def test_knobs_of_a_tapered_line_still_act(radiating):
    line = taper(radiating)
    first = line.find("qf*")[0]
    assert isinstance(line.elements[first].k1, Expression)
    changed = line.with_knobs(kqf=0.8).resolve()[first].k1 / line.resolve()[first].k1
    assert changed == pytest.approx(0.8 / 0.78, rel=1e-14)


def test_phased_cavities_leave_everything_but_zeta(radiating):
    before = closed_orbit(radiating)
    after = closed_orbit(phase_cavities(radiating))
    assert abs(before.start[4]) > 1e-3
    assert after.start[4] == pytest.approx(0.0, abs=1e-11)
    keep = [0, 1, 2, 3, 5]
    assert after.start[keep] == pytest.approx(before.start[keep], abs=1e-12)
    assert after.matrix == pytest.approx(before.matrix, abs=1e-9)


def test_twiss_with_radiation_is_close_to_that_without(radiating):
    weak = radiating.with_reference(type(radiating.reference).of("electron", total_energy=1e9)).with_knobs(vrf=1.0)
    damped, quiet = (twiss(weak.with_settings(radiation=kind), order=0) for kind in ("mean", "none"))
    assert damped.q1 == pytest.approx(quiet.q1, abs=1e-5)
    assert np.abs(damped.betx / quiet.betx - 1.0).max() < 5e-4


def test_a_line_without_radiation_is_refused(radiating):
    with pytest.raises(InputError, match="does not radiate"):
        taper(radiating.with_settings(radiation="none"))
