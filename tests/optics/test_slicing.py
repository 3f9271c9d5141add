"""Converged slices: the error that is promised is the error there is."""

import math

import pytest

from optics import InitialOptics, UnstableMotionError, converge_slices, twiss
from tracking.errors import InputError
from tracking.io.madx import load_madx


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


def test_too_few_slices_to_be_stable_are_passed_over(tmp_path):
    """Focusing just below the stop band (cos mu = cos sqrt(k1) cosh sqrt(k1)), which 4 slices of order 2 put inside."""
    path = tmp_path / "cell.madx"
    path.write_text("""
    beam, particle=electron, energy=1;
    qf: quadrupole, l=1, k1=3.45;
    qd: quadrupole, l=1, k1=-3.45;
    cell: sequence, l=2; qf, at=0.5; qd, at=1.5; endsequence;
    """)
    line = load_madx(path).with_settings(integrator=2)
    with pytest.raises(UnstableMotionError):
        twiss(line.with_settings(slices=4))
    slicing = converge_slices(line, 1e-4)
    exact = math.acos(math.cos(3.45**0.5) * math.cosh(3.45**0.5)) / (2 * math.pi)
    assert twiss(slicing.line, order=0).q1 == pytest.approx(exact, abs=2e-4)


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
