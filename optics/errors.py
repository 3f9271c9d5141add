"""Typed errors of the optics package: physics that has no answer. Bad input raises `tracking.errors.InputError`."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray


class OpticsError(Exception):
    """The lattice was read, but the quantity asked for does not exist."""


class UnstableMotionError(OpticsError):
    """Linear motion about the closed orbit is not bounded.

    Attributes
    ----------
    plane : str
        Plane (or coupled planes) of the unstable mode: ``"x"``, ``"y"``, ``"zeta"`` or ``"x-y"``.
    traces : (k,) array
        Traces of the diagonal 2 x 2 blocks of the one-turn matrix; stable uncoupled motion has all of them in (-2, 2).
    eigenvalues : (2k,) complex array
        Eigenvalues of the one-turn matrix; stable motion has all of them on the unit circle.
    """

    def __init__(self, matrix: ArrayLike, plane: str, advice: str) -> None:
        matrix = np.asarray(matrix, dtype=float)
        self.plane = plane
        self.traces: NDArray[np.float64] = np.array(
            [matrix[i, i] + matrix[i + 1, i + 1] for i in range(0, len(matrix), 2)]
        )
        self.eigenvalues: NDArray[np.complex128] = np.linalg.eigvals(matrix)
        worst = np.abs(np.abs(self.eigenvalues) - 1.0).max()
        traces = ", ".join(f"{trace:.9g}" for trace in self.traces)
        eigenvalues = ", ".join(f"{value:.6g}" for value in self.eigenvalues)
        super().__init__(
            f"unstable motion in plane {plane}: an eigenvalue of the one-turn matrix lies {worst:.3g} off the unit "
            f"circle; traces of the planes: {traces} (stable: between -2 and 2); eigenvalues: {eigenvalues}. {advice}"
        )


class NoClosedOrbitError(OpticsError):
    """Newton's method found no closed orbit.

    Attributes
    ----------
    element : str or None
        First element at whose exit the orbit was no longer finite; None where the iteration itself failed.
    step : int
        Newton step (from 1) at which it happened.
    orbit : (6,) array
        Coordinates at the start of the line in that step.
    """

    def __init__(self, reason: str, step: int, orbit: ArrayLike, element: str | None = None) -> None:
        self.element, self.step = element, step
        self.orbit: NDArray[np.float64] = np.asarray(orbit, dtype=float)
        where = f" at element {element!r}" if element else ""
        start = ", ".join(f"{value:.6g}" for value in self.orbit)
        super().__init__(
            f"no closed orbit: {reason}{where} in Newton step {step}, started from (x, px, y, py, zeta, pzeta) = "
            f"({start}). Check kicks and strengths, or give a better guess"
        )


class LostOrbitError(OpticsError):
    """The orbit from given initial values does not reach the end of the line.

    Attributes
    ----------
    orbit : (6,) array
        Coordinates at the start of the line.
    """

    def __init__(self, orbit: ArrayLike) -> None:
        self.orbit: NDArray[np.float64] = np.asarray(orbit, dtype=float)
        start = ", ".join(f"{value:.6g}" for value in self.orbit)
        super().__init__(
            f"the orbit from (x, px, y, py, zeta, pzeta) = ({start}) is lost on its way; check kicks and strengths, or "
            "give smaller initial values"
        )


class CouplingError(OpticsError):
    """A parametrisation of coupled motion does not exist at some place of the line."""


class ScanError(OpticsError):
    """A scan ended at an item that could not be computed; the cause is chained.

    Attributes
    ----------
    index : int
        Place of the item in the scan, from 0.
    item : object
        The item.
    """

    def __init__(self, index: int, item: object, error: BaseException) -> None:
        self.index, self.item = index, item
        text = repr(item)
        shown = text if len(text) <= 200 else f"{text[:200]} ..."
        super().__init__(f"scan: item {index} ({shown}) failed: {type(error).__name__}: {error}")
