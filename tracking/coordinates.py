"""Conversion between the phase space coordinates of codes, exact and generic: particles, matrices, series.

Ours is "taylorbeam": (x, px, y, py, zeta, pzeta), zeta = s - beta0 c t [m], pzeta = (E - E0)/(beta0^2 E0). Transverse
coordinates are the same everywhere, x, y [m] and px, py over p0. The longitudinal pair of the others:

========  ==================  =================================================================================
system    pair                meaning
========  ==================  =================================================================================
madx      (t, pt)             t = zeta/beta0 = -c dt [m], pt = (E - E0)/(p0 c)
ptc       (pt, -t)            the same two as PTC's maps have them: fifth pt, sixth minus MAD-X's t
at        (delta, ct)         delta = (P - p0)/p0, ct = c dt [m], positive for late particles
bmad      (z, delta)          z = -beta c dt [m], with the particle's own velocity; also JuTrack's pair
delta     (zeta, delta)       our zeta with delta; not canonical
========  ==================  =================================================================================

xsuite has our pair.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tpsa.gmath import sqrt
from tracking.errors import InputError

COORDINATES = ("x", "px", "y", "py", "zeta", "pzeta")
Pair = tuple[Any, Any]
TINY = 1e-30  # complex step


def delta_of(pzeta: Any, beta0: float) -> Any:
    """delta = (P - p0)/p0 of pzeta = (E - E0)/(beta0^2 E0); free of cancellation."""
    square = pzeta * (2.0 + beta0 * beta0 * pzeta)
    return square / (1.0 + sqrt(1.0 + square))


def pzeta_of(delta: Any, beta0: float) -> Any:
    """pzeta = (E - E0)/(beta0^2 E0) of delta = (P - p0)/p0; free of cancellation."""
    square = delta * (2.0 + delta)
    return square / (1.0 + sqrt(1.0 + beta0 * beta0 * square))


def _velocity_ratio(delta: Any, beta0: float) -> Any:
    """beta/beta0 of a particle."""
    return (1.0 + delta) / (1.0 + beta0 * beta0 * pzeta_of(delta, beta0))


# longitudinal pair of each system -> (zeta, pzeta), and back
_TO_OURS: dict[str, Callable[[Any, Any, float], Pair]] = {
    "taylorbeam": lambda zeta, pzeta, beta0: (zeta, pzeta),
    "madx": lambda t, pt, beta0: (beta0 * t, pt * (1.0 / beta0)),
    "ptc": lambda pt, t, beta0: (-beta0 * t, pt * (1.0 / beta0)),
    "at": lambda delta, ct, beta0: (-beta0 * ct, pzeta_of(delta, beta0)),
    "bmad": lambda z, delta, beta0: (z / _velocity_ratio(delta, beta0), pzeta_of(delta, beta0)),
    "delta": lambda zeta, delta, beta0: (zeta, pzeta_of(delta, beta0)),
}


def _to_bmad(zeta: Any, pzeta: Any, beta0: float) -> Pair:
    delta = delta_of(pzeta, beta0)
    return zeta * _velocity_ratio(delta, beta0), delta


_FROM_OURS: dict[str, Callable[[Any, Any, float], Pair]] = {
    "taylorbeam": lambda zeta, pzeta, beta0: (zeta, pzeta),
    "madx": lambda zeta, pzeta, beta0: (zeta * (1.0 / beta0), beta0 * pzeta),
    "ptc": lambda zeta, pzeta, beta0: (beta0 * pzeta, zeta * (-1.0 / beta0)),
    "at": lambda zeta, pzeta, beta0: (delta_of(pzeta, beta0), zeta * (-1.0 / beta0)),
    "bmad": _to_bmad,
    "delta": lambda zeta, pzeta, beta0: (zeta, delta_of(pzeta, beta0)),
}
SYSTEMS = tuple(_TO_OURS)


def convert(z: tuple[Any, ...], source: str, target: str, beta0: float) -> tuple[Any, ...]:
    """Six coordinates of one system in another; each may be a number, an array or a series.

    Parameters
    ----------
    z : six coordinates of the system `source`
    source, target : one of `SYSTEMS`
    beta0 : float
        Velocity of the reference particle over c.

    Raises
    ------
    InputError
        For a name that is no coordinate system.
    """
    for system in (source, target):
        if system not in SYSTEMS:
            raise InputError(f"coordinates: system {system!r}; expected one of {SYSTEMS}")
    return (*z[:4], *_FROM_OURS[target](*_TO_OURS[source](z[4], z[5], beta0), beta0))


def convert_particles(particles: ArrayLike, source: str, target: str, beta0: float) -> NDArray[Any]:
    """Coordinates of particles, an array of shape (..., 6), in another system; see `convert`."""
    columns = np.moveaxis(np.asarray(particles), -1, 0)
    if columns.shape[:1] != (6,):
        raise InputError(f"coordinates: particles of shape {np.shape(particles)}; expected (..., 6)")
    return np.stack(np.broadcast_arrays(*convert(tuple(columns), source, target, beta0)), axis=-1)


def convert_matrix(
    matrix: ArrayLike,
    source: str,
    target: str,
    beta0: float,
    start: ArrayLike = (0.0,) * 6,
    end: ArrayLike | None = None,
) -> NDArray[np.float64]:
    """First-order map between two places in another system's coordinates.

    Parameters
    ----------
    matrix : (6, 6) array
        Jacobian of the map in the system `source`.
    start, end : (6,) arrays
        Orbit before and after the map in the system `source`; the same (a closed orbit) when `end` is None.
    """
    into = coordinate_jacobian(start, source, target, beta0)
    out_of = into if end is None else coordinate_jacobian(end, source, target, beta0)
    return out_of @ np.asarray(matrix, dtype=float) @ np.linalg.inv(into)


def coordinate_jacobian(z: ArrayLike, source: str, target: str, beta0: float) -> NDArray[np.float64]:
    """(6, 6) derivatives of the coordinates of `target` by those of `source` at z, by complex steps."""
    points = np.asarray(z, dtype=float) + 1j * TINY * np.eye(6)
    return convert_particles(points, source, target, beta0).imag.T / TINY
