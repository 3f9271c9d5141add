"""Inverses of maps by Newton's iteration, which doubles the order known at each step.

Where W inverts M to degree k, M(W(w)) = w + E(w) with E of degree k + 1 and above, so W(w - E(w)) inverts it to degree
2 k; its terms beyond the first derivative of W are of higher degree yet. Cost: a composition to the order, one to half
the order and so on, and at each step one product per variable for LANES components. Maximum orders of variables cut off
terms that derivatives of W need: there each step adds one degree, for which its linear part is enough.
"""

import numpy as np
from numpy.typing import NDArray

from tpsa.composition import composed, linear_combinations
from tpsa.context import LANES, ORDER, WIDTH, degree_starts, words
from tpsa.descriptor import Descriptor
from tpsa.errors import SingularMapError
from tpsa.jit import njit
from tpsa.lanes import add_product, fill_blocks, new_blocks
from tpsa.pairs import interleaved, joined, parts, turn
from tpsa.plans import fill_slopes, plan

CONDITION = 1e13


def invert(descriptor: Descriptor, coefficients: NDArray[np.float64]) -> NDArray[np.float64]:
    """(n, size) coefficients of the inverse W of n series M in n variables: W(M(z) - M(0)) = z.

    Raises
    ------
    SingularMapError
        If the linear part is singular or a coefficient is not finite.
    """
    own = plan(descriptor)
    try:
        return invert_series(own.address, own.targets, coefficients, descriptor.max_orders is None)
    except np.linalg.LinAlgError:
        pass
    linear = coefficients[:, 1 : 1 + len(coefficients)]
    if not np.isfinite(coefficients).all():
        raise SingularMapError("inverse: the map has coefficients that are not finite")
    strengths = np.linalg.svd(linear, compute_uv=False)
    raise SingularMapError(
        f"inverse: singular linear part (singular values {strengths[-1]:.3g} to {strengths[0]:.3g})"
    )


@njit
def invert_series(address, targets, coefficients, doubling):
    """As `invert`, by steps of one degree if not `doubling`; raises LinAlgError for what has no inverse."""
    c, (n, size) = words(address), coefficients.shape
    order, arguments = c[ORDER], np.zeros((c[WIDTH], size), coefficients.dtype)
    _invert_linear(coefficients, arguments)
    known = 1
    while known < order:
        top = order if doubling else known + 1
        while (top + 1) // 2 > known:
            top = (top + 1) // 2
        errors = composed(c, coefficients, c, targets, arguments, top)
        if known == 1:
            first, end = degree_starts(c)[2], degree_starts(c)[top + 1]
            arguments[:n, first:end] = -linear_combinations(arguments[:n], errors, end)[:, first:end]
        else:
            arguments[:n] = _corrected(c, targets, arguments[:n], errors, known, top)
        known = top
    return arguments[:n].copy()


@njit
def _invert_linear(coefficients, arguments):
    """Set `arguments` to the inverse of the linear part, parameters included, followed by the parameters.

    Gauss-Jordan elimination turns the columns (A, 1, -P) of variables and parameters to (1, 1/A, -P/A).
    """
    (n, size), count = coefficients.shape, len(arguments)
    rows, largest = np.zeros((n, n + count), coefficients.dtype), 0.0
    for i in range(n):
        for k in range(size):
            if not np.isfinite(coefficients[i, k]):
                raise np.linalg.LinAlgError("not finite")
        rows[i, n + i] = 1.0
        for k in range(n):
            rows[i, k] = coefficients[i, 1 + k]
            largest = max(largest, abs(rows[i, k]))
        for k in range(n, count):
            rows[i, n + k] = -coefficients[i, 1 + k]
    _eliminate(rows)
    largest_inverse = 0.0
    for i in range(n):
        for k in range(count):
            arguments[i, 1 + k] = rows[i, n + k]
            if k < n:
                largest_inverse += abs(rows[i, n + k])
    if not largest * largest_inverse < CONDITION:
        raise np.linalg.LinAlgError("singular")
    for k in range(n, count):
        arguments[k, 1 + k] = 1.0


@njit
def _eliminate(rows):
    """Turn the first n columns of n rows to the unit matrix, with partial pivoting."""
    n, width = rows.shape
    for k in range(n):
        pivot = k
        for i in range(k + 1, n):
            if abs(rows[i, k]) > abs(rows[pivot, k]):
                pivot = i
        if rows[pivot, k] == 0.0:
            raise np.linalg.LinAlgError("singular")
        factor = 1.0 / rows[pivot, k]
        for j in range(k, width):
            rows[pivot, j], rows[k, j] = rows[k, j], factor * rows[pivot, j]
        for i in range(n):
            factor = rows[i, k]
            if i != k and factor != 0.0:
                for j in range(k, width):
                    rows[i, j] -= factor * rows[k, j]


@njit
def _corrected(c, targets, series, errors, known, top):
    """Series less their derivatives, of degree `known`, times errors of degrees known + 1 to `top`, to this degree."""
    starts, rows, (real, imag) = degree_starts(c), interleaved(series), parts(errors)
    end = starts[top + 1]
    own, slopes, turned, changes = new_blocks(end), new_blocks(end), new_blocks(end), new_blocks(end)
    for begin in range(0, len(rows), LANES):
        part = rows[begin : begin + LANES]
        fill_blocks(own, part, starts[known + 1])
        changes[:] = 0.0
        for v in range(len(series)):
            fill_slopes(c, slopes, own, v, known)
            add_product(c, targets, changes, real[v], known + 1, top, slopes, 0, known - 1, top)
            if len(imag) > 0:
                turn(turned, slopes, starts[known])
                add_product(c, targets, changes, imag[v], known + 1, top, turned, 0, known - 1, top)
        for k in range(len(part)):
            for i in range(starts[known + 1], end):
                part[k, i] = -changes[i, k]
    return joined(rows, series)
