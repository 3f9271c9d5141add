"""Polynomials fitted to tracked tunes on ranges that shrink, until the coefficients stand still.

A large range shows higher orders in the coefficients, a small one the noise of the tunes: coefficients are taken from
where they change least from one range to the next, and the change estimates their error.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from tracking.errors import InputError

SETTLED = 0.01  # relative change of first-order coefficients that counts as converged
NOISE = 1e-9  # change of a tune that is none


def chebyshev(points: int) -> NDArray[np.float64]:
    """Chebyshev points in (-1, 1), ascending."""
    return -np.cos(np.pi * (np.arange(points) + 0.5) / points)


def fitted(
    variables: NDArray[np.float64], values: NDArray[np.float64], powers: NDArray[np.int64], scale: float
) -> NDArray[np.float64]:
    """Coefficients (terms, k) of monomials with `powers` (terms, m), fitted to values (n, k) at variables (n, m).

    Variables are of the size of `scale`. NaN if a value is not finite.
    """
    if not np.isfinite(values).all():
        return np.full((len(powers), values.shape[1]), np.nan)
    basis = np.prod((variables[:, None] / scale) ** powers, axis=2)
    return np.linalg.lstsq(basis, values, rcond=None)[0] / scale ** powers.sum(axis=1)[:, None]


def settled(fits: NDArray[np.float64], study: str, largest: float) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Coefficients of the range on which they change least, of fits (ranges, ...), and how much they change.

    Raises
    ------
    InputError
        If no two neighbouring ranges have fits, as particles were lost.
    """
    changes = np.abs(np.diff(fits, axis=0))
    worst = changes.reshape(len(changes), -1).max(axis=1)
    if np.isnan(worst).all():
        raise InputError(f"{study}: particles are lost for largest = {largest!r} and far below; expected a smaller one")
    best = int(np.nanargmin(worst))
    return fits[best + 1], changes[best]


def has_converged(values: NDArray[np.float64], changes: NDArray[np.float64], smallest: float) -> bool:
    """Whether first-order coefficients stand still, relative to the largest or in the tunes of the `smallest` range."""
    return bool(changes.max() <= max(SETTLED * np.abs(values).max(), NOISE / smallest))
