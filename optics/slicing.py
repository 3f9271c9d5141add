"""How many slices are enough: raise them until the tunes stand still."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil

import numpy as np
from numpy.typing import NDArray

from optics.cavities import without_rf
from optics.closed_orbit import find_closed_orbit
from optics.errors import LostOrbitError, OpticsError
from optics.initial import InitialOptics
from optics.lattice_functions import phase_advance
from optics.linear_pass import Places, linear_pass
from optics.normal_modes import normal_modes
from tracking.errors import InputError
from tracking.line import Line
from tracking.pack import pack

FIRST = 4
LAST_FIRST = 64  # motion that is unstable with so many slices is unstable
MARGIN = 1.15  # on the number that the order of the integrator asks for


@dataclass(frozen=True)
class Slicing:
    """A line with converged slices.

    Attributes
    ----------
    line : Line
        The line with `slices` slices in every thick element (elements with a number of their own keep it).
    slices : int
    error : float
        Estimated error of the tunes (of the phase advances, with initial values) that slicing leaves [2 pi].
    converged : bool
        False where the largest allowed number of slices was not enough for the tolerance.
    """

    line: Line
    slices: int
    error: float
    converged: bool


def converge_slices(
    line: Line, tolerance: float = 1e-10, initial: InitialOptics | None = None, largest: int = 512
) -> Slicing:
    """Raise the slices of a line until its tunes change by less than `tolerance`.

    Tunes at two numbers of slices and the order of the integrator give the error and the number that is needed; that
    number is tried in turn, until the measured change confirms it.

    Parameters
    ----------
    line : Line
    tolerance : float
        Allowed error of the tunes [2 pi].
    initial : InitialOptics, optional
        Compare total phase advances from these values instead of tunes.
    largest : int
        Most slices to try.

    Returns
    -------
    Slicing

    Raises
    ------
    NoClosedOrbitError, UnstableMotionError
        If there are no tunes with 4, 8, ..., 64 slices.
    InputError
        For a tolerance that is not positive.
    """
    if not tolerance > 0.0 or largest < 2 * FIRST:
        raise InputError(
            f"converge_slices: tolerance = {tolerance!r}, largest = {largest!r}; expected a tolerance above 0 and at "
            f"least {2 * FIRST} slices"
        )
    power = line.settings.integrator
    first, previous = _first_phases(line, initial, largest // 2)
    coarse, fine = first, 2 * first
    phases = _phases(line, fine, initial)
    while True:
        error = _distance(phases, previous) / ((fine / coarse) ** power - 1.0)
        # the first estimate alone is not trusted: so few slices may be too few for the error to follow its power
        if (error <= tolerance and coarse > first) or fine >= largest:
            return Slicing(line.with_settings(slices=fine), fine, error, error <= tolerance)
        growth = min((error / tolerance) ** (1.0 / power), 8.0)
        coarse, fine = fine, min(max(ceil(MARGIN * growth * fine), fine + 2), largest)
        previous, phases = phases, _phases(line, fine, initial)


def _first_phases(line: Line, initial: InitialOptics | None, largest: int) -> tuple[int, NDArray[np.float64]]:
    """Smallest number of slices, doubled from `FIRST`, with which the motion is stable, and the phases there."""
    slices = FIRST
    while True:
        try:
            return slices, _phases(line, slices, initial)
        except OpticsError:
            if 2 * slices > min(largest, LAST_FIRST):
                raise
            slices *= 2


def _phases(line: Line, slices: int, initial: InitialOptics | None) -> NDArray[np.float64]:
    """Fractional tunes, or total phase advances of a line with initial values [2 pi]."""
    line = line.with_settings(slices=slices)
    if initial is None:
        packed = pack(without_rf(line))
        return normal_modes(find_closed_orbit(packed, Places.ends(packed), 4).matrices[-1, :4, :4]).tunes
    packed = pack(line)
    places = Places.ends(packed)
    linear = linear_pass(packed, initial.orbit, places)
    if not linear.finite:
        raise LostOrbitError(initial.orbit)
    normalising = linear.matrices[:, :4, :4] @ initial.normal_modes()
    return np.array([phase_advance(normalising, places.s, mode)[-1] for mode in (0, 1)])


def _distance(a: NDArray[np.float64], b: NDArray[np.float64]) -> float:
    """Largest difference of phases modulo one turn."""
    difference = np.abs(a - b) % 1.0
    return float(np.minimum(difference, 1.0 - difference).max())
