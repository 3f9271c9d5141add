"""How much the orders left out of a truncated series may matter, from how its known orders decrease."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tpsa.descriptor import Descriptor

BISECTIONS = 60


def part_bounds(d: Descriptor, coefficients: NDArray[np.float64], amplitudes: ArrayLike) -> NDArray[np.float64]:
    """(n, order + 1) bounds of the homogeneous parts of n series in the box |x_i| <= amplitudes[i]."""
    given = np.abs(np.asarray(amplitudes, np.float64))
    if given.shape not in ((d.variables,), (len(d.names),)):
        raise ValueError(f"amplitudes must be {d.variables} or {len(d.names)} numbers, got shape {given.shape}")
    box = np.zeros(len(d.names))
    box[: len(given)] = given
    monomials = np.prod(box ** d.exponents, axis=1)
    return np.add.reduceat(np.abs(coefficients) * monomials, d.degree_starts[:-1], axis=1)


def remainder(bounds: NDArray[np.float64], factor: float = 1.0) -> NDArray[np.float64]:
    """(n,) sums beyond the last degree of geometric sequences fitted to bounds of degree 2 and above.

    The slope is that of a line through the logarithms of bounds that are not zero; its level covers them all.
    Bounds are scaled to a box `factor` times as wide.
    """
    order = bounds.shape[1] - 1
    result = np.zeros(len(bounds))
    for i, row in enumerate(bounds):
        degrees = np.flatnonzero(row[2:]) + 2
        if len(degrees) < 2:
            continue
        logs = np.log(row[degrees])
        slope = np.polyfit(degrees, logs, 1)[0]
        level = np.max(logs - slope * degrees)
        ratio = np.exp(slope) * factor
        result[i] = np.exp(level) * ratio ** (order + 1) / (1.0 - ratio) if ratio < 1.0 else np.inf
    return result


def largest_factor(bounds: NDArray[np.float64], accuracy: float) -> float:
    """Largest scale of the box in which every remainder is at most `accuracy`."""
    if not remainder(bounds).any():
        return np.inf
    low, high = -50.0, 50.0
    for _ in range(BISECTIONS):
        middle = 0.5 * (low + high)
        low, high = (middle, high) if remainder(bounds, np.exp(middle)).max() <= accuracy else (low, middle)
    return float(np.exp(low))
