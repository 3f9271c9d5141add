"""Where the particles of a study start: closed orbits of momentum deviations."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from optics.cavities import orbit_dimension, without_rf
from optics.closed_orbit import ClosedOrbit, closed_orbit
from optics.errors import NoClosedOrbitError
from optics.rays import finite_values
from tracking.coordinates import delta_of, pzeta_of
from tracking.line import Line


@dataclass(frozen=True, eq=False)
class Starts:
    """Orbits that distances count from, for every momentum deviation.

    Attributes
    ----------
    line : Line
        What is tracked: in four dimensions without cavities and radiation.
    dim : {4, 6}
    deltas : (d,) array
    element : int
        Index of the element at whose entrance particles start.
    orbit : (d, 6) array
        Where they start, with pzeta. In six dimensions the orbits with the cavities off, moved as a whole so that the
        one of the reference energy is the six-dimensional closed orbit.
    closed : tuple of ClosedOrbit
        Closed orbits of `line` that the motion goes about: one per delta in four dimensions, one in six.
    """

    line: Line
    dim: int
    deltas: NDArray[np.float64]
    element: int
    orbit: NDArray[np.float64]
    closed: tuple[ClosedOrbit, ...]

    @classmethod
    def find(
        cls, line: Line, deltas: ArrayLike, at: str | None = None, dim: int | None = None, of: str = "aperture search"
    ) -> Starts:
        """Orbits at the exit of the element `at`, or at the start of the line; errors say part `of` what.

        Raises
        ------
        NoClosedOrbitError
            If there is none for one of the deltas, which is named.
        InputError
            For a bad `dim`, `at` or `deltas`.
        """
        deltas = finite_values("deltas", deltas, of)
        element = 0 if at is None else line.index(at) + 1
        dim = orbit_dimension(line, dim)
        quiet = without_rf(line)
        beta0 = line.reference.beta0
        if dim == 4:
            closed = tuple(_closed_orbit(quiet, delta) for delta in deltas.tolist())
            return cls(quiet, dim, deltas, element, np.array([one.orbit[element] for one in closed]), closed)
        center = closed_orbit(line, dim=6)
        zero = float(delta_of(center.start[5], beta0))
        around = _closed_orbit(quiet, zero).orbit[element]
        away = [_closed_orbit(quiet, zero + delta).orbit[element] - around for delta in deltas.tolist()]
        orbit = center.orbit[element] + np.array(away) * [1.0, 1.0, 1.0, 1.0, 0.0, 1.0]
        return cls(line, dim, deltas, element, orbit, (center,))

    def orbit_with_delta(self) -> NDArray[np.float64]:
        """(d, 6) orbits with delta as the last coordinate."""
        found = self.orbit.copy()
        found[:, 5] = delta_of(self.orbit[:, 5], self.line.reference.beta0)
        return found


def _closed_orbit(line: Line, delta: float) -> ClosedOrbit:
    try:
        return closed_orbit(line, dim=4, pzeta=float(pzeta_of(delta, line.reference.beta0)))
    except NoClosedOrbitError as error:
        error.add_note(f"for delta = {delta:g}")
        raise
