"""Values of polynomials at many points."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tpsa.composition import needed_monomials
from tpsa.context import words
from tpsa.descriptor import Descriptor
from tpsa.jit import njit
from tpsa.plans import plan, walk_table

BLOCK = 128


@njit
def evaluate_points(address, coefficients, points, turns, out):
    """out[p, k] = polynomial k at point p; values of all but the last of some turns are the variables of the next.

    A block of points stays in cache for all turns. Polynomials are nested as in `tpsa.composition`: level g holds the
    values of the polynomials that stand for the monomial of degree g in which the walk is.
    """
    walk, n = walk_table(words(address)), len(coefficients)
    needed, width, depth = needed_monomials(walk, coefficients), min(BLOCK, len(points)), walk[1].max()
    x = np.zeros((points.shape[1], width), points.dtype)
    levels, factors = np.empty((depth + 1, n, width), points.dtype), np.empty(depth + 1, np.int64)
    for begin in range(0, len(points), BLOCK):
        end = min(begin + BLOCK, len(points))
        x[:, : end - begin] = points[begin:end].T
        for turn in range(turns):
            _nested_values(walk, needed, coefficients, x, levels, factors)
            if turn + 1 < turns:
                x[:n] = levels[0]
        out[begin:end] = levels[0, :, : end - begin].T


@njit
def _nested_values(walk, needed, coefficients, x, levels, factors):
    """Set level 0 to the values of polynomials at a block of points."""
    last, count = 0, len(needed)
    _fill(levels[0], coefficients, 0)
    for m in range(count + 1):
        degree = walk[1, m] if m < count else 1
        if m < count and not needed[m]:
            continue
        for g in range(last, degree - 1, -1):
            y = x[factors[g]]
            for k in range(len(coefficients)):
                out, inner = levels[g - 1, k], levels[g, k]
                for p in range(len(y)):
                    out[p] += y[p] * inner[p]
        if m < count and (m + 1 == count or walk[1, m + 1] <= degree):
            _add_multiples(levels[degree - 1], coefficients, walk[0, m], x[walk[2, m]])
            last = degree - 1
        elif m < count:
            _fill(levels[degree], coefficients, walk[0, m])
            last, factors[degree] = degree, walk[2, m]


@njit
def _fill(level, coefficients, i):
    """Set the values of each polynomial to its coefficient i."""
    for k in range(len(coefficients)):
        level[k] = coefficients[k, i]


@njit
def _add_multiples(level, coefficients, i, y):
    """Add y times coefficient i of each polynomial to its values."""
    for k in range(len(coefficients)):
        factor, out = coefficients[k, i], level[k]
        if factor != 0.0:
            for p in range(len(y)):
                out[p] += factor * y[p]


def evaluate_series(
    descriptor: Descriptor, coefficients: NDArray, points: ArrayLike, turns: int = 1
) -> NDArray:
    """(..., n) values of n series, given by (n, size) coefficients, at (..., variables [+ parameters]) points.

    The values after each of some turns are the variables for the next one; parameters stay.
    """
    mixed = np.iscomplexobj(coefficients) and not np.iscomplexobj(points)
    if mixed and turns == 1:
        parts = np.concatenate([coefficients.real, coefficients.imag])
        real, imag = np.split(evaluate_series(descriptor, parts, points), 2, axis=-1)
        return real + 1j * imag
    points = np.asarray(points, np.complex128 if mixed or np.iscomplexobj(points) else np.float64)
    given, full = points.shape[-1:], descriptor.variables + descriptor.parameters
    if given not in ((descriptor.variables,), (full,)):
        raise ValueError(
            f"points must have a last axis of {descriptor.variables} variables"
            + (f" or {full} with the parameters" if descriptor.parameters else "")
            + f", got shape {points.shape}"
        )
    flat = np.zeros((points.size // given[0], full), points.dtype)
    flat[:, : given[0]] = points.reshape(-1, given[0])
    out = np.empty((len(flat), len(coefficients)), points.dtype)
    evaluate_points(plan(descriptor).address, np.ascontiguousarray(coefficients, points.dtype), flat, turns, out)
    return out.reshape(*points.shape[:-1], len(coefficients))
