"""Converged slices: the error that is promised is the error there is."""

import pytest

from optics import InitialOptics, converge_slices, twiss
from tracking.errors import InputError


@pytest.mark.parametrize(("integrator", "tolerance"), [(2, 1e-5), (4, 1e-8), (6, 1e-10)])
def test_error_estimate_holds(ring, integrator, tolerance):
    line = ring.with_settings(integrator=integrator)
    slicing = converge_slices(line, tolerance)
    fine = twiss(line.with_settings(slices=4 * slicing.slices), order=0)
    found = twiss(slicing.line, order=0)
    error = max(abs(found.q1 - fine.q1), abs(found.q2 - fine.q2))
    assert slicing.converged and slicing.error <= tolerance
    assert error < 2 * tolerance
    assert slicing.line.settings.slices == slicing.slices


def test_no_more_slices_than_needed(ring):
    loose, tight = converge_slices(ring, 1e-6), converge_slices(ring, 1e-11)
    assert loose.slices < tight.slices


def test_cap_is_reported(ring):
    slicing = converge_slices(ring.with_settings(integrator=2), 1e-10, largest=16)
    assert slicing.slices == 16 and not slicing.converged and slicing.error > 1e-10


def test_phase_advances_of_a_beam_line(ring):
    initial = InitialOptics(betx=5.0, bety=5.0)
    slicing = converge_slices(ring, 1e-9, initial=initial)
    fine = twiss(ring.with_settings(slices=64), initial=initial)
    assert twiss(slicing.line, initial=initial).q1 == pytest.approx(fine.q1, abs=2e-9)


def test_bad_tolerance_is_refused(ring):
    with pytest.raises(InputError, match="tolerance"):
        converge_slices(ring, 0.0)
