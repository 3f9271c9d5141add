"""Composition of polynomials with complex coefficients or arguments, in pairs of rows, and inverses of complex maps."""

import numpy as np
from numpy.typing import NDArray

from tpsa.composition import needed_monomials, substitute
from tpsa.context import NEXT, call_push, degree_starts, degrees, new_row, row, words
from tpsa.descriptor import Descriptor
from tpsa.errors import SingularMapError
from tpsa.jit import njit
from tpsa.plans import plan, plan_words, walk_table
from tpsa.slots import load_row
from tpsa.workspace import Workspace, thread_workspace

CONDITION = 1e13


def substitute_complex(
    outer: Descriptor, coefficients: NDArray, inner: Descriptor, arguments: NDArray, order: int
) -> NDArray[np.complex128]:
    """Coefficients of polynomials of series as `tpsa.composition.substitute`, complex.

    Real arguments: two real compositions side by side. Complex ones: four real products per monomial of the outer
    polynomials.
    """
    if not np.iscomplexobj(arguments):
        parts = np.concatenate([coefficients.real, coefficients.imag])
        real, imag = np.split(substitute(outer, parts, inner, arguments, order), 2)
        return real + 1j * imag
    workspace, slots = thread_workspace(inner), 3 * len(arguments) + 2 * outer.order
    if workspace.free_slots < slots:
        workspace = Workspace(inner, slots)
    result = np.zeros((len(coefficients), inner.size), np.complex128)
    result[:, 0] = coefficients[:, 0]
    coefficients = np.ascontiguousarray(coefficients, np.complex128)
    _walk(workspace.address, plan(outer).address, coefficients, np.ascontiguousarray(arguments), order, result)
    return result


def invert_complex(descriptor: Descriptor, coefficients: NDArray[np.complex128]) -> NDArray[np.complex128]:
    """As `tpsa.inversion.invert` for complex maps, degree by degree from z = L^-1 (w - N(z)); a composition for each.

    Raises
    ------
    SingularMapError
        If the linear part is singular or a coefficient is not finite.
    """
    n = len(coefficients)
    linear = coefficients[:, 1 : 1 + n]
    if not np.isfinite(coefficients).all() or not np.linalg.cond(linear) < CONDITION:
        raise SingularMapError("inverse: the linear part is singular or a coefficient is not finite")
    rest, units = coefficients.copy(), np.eye(len(descriptor.names), descriptor.size, 1)
    rest[:, : 1 + n] = 0.0
    arguments = units.astype(np.complex128)
    arguments[:n] = 0.0
    for degree in range(1, descriptor.order + 1):
        arguments[:n] = np.linalg.solve(
            linear, units[:n] - substitute_complex(descriptor, rest, descriptor, arguments, degree)
        )
    return arguments[:n]


@njit
def _scale_parts(c, o, a, factor, order):
    """Rows o = factor times rows a, pairs of real and imaginary part, up to degree `order`."""
    starts = degree_starts(c)
    real, imag, x, y = row(c, o[0]), row(c, o[1]), row(c, a[0]), row(c, a[1])
    end_x, end_y = starts[degrees(c)[a[0]] + 1], starts[degrees(c)[a[1]] + 1]
    for i in range(starts[order + 1]):
        u, v = x[i] if i < end_x else 0.0, y[i] if i < end_y else 0.0
        real[i], imag[i] = factor.real * u - factor.imag * v, factor.real * v + factor.imag * u
    degrees(c)[o[0]] = degrees(c)[o[1]] = order


@njit
def _multiply_into(context, c, o, a, b, lowest, order):
    """Rows o = rows a, which have nothing below degree `lowest`, times rows b: real, imaginary and its negative."""
    _scale_parts(c, o, a, complex(row(c, b[0])[0], row(c, b[1])[0]), order)
    for source in range(2):
        turned = b[1 + source]
        for k in range(lowest, min(degrees(c)[a[source]], order - 1) + 1):
            call_push(context, o[source], a[source], b[0], k, min(degrees(c)[b[0]], order - k))
            call_push(context, o[1 - source], a[source], turned, k, min(degrees(c)[turned], order - k))


@njit
def _load_arguments(c, arguments):
    """(n, 3) rows of the real part, the imaginary part and its negative of n series."""
    rows = np.empty((len(arguments), 3), np.int64)
    for v in range(len(arguments)):
        for part in range(3):
            rows[v, part] = new_row(c)
        load_row(c, rows[v, 0], arguments[v].real)
        load_row(c, rows[v, 1], arguments[v].imag)
        load_row(c, rows[v, 2], -arguments[v].imag)
    return rows


@njit
def _walk(context, outer, coefficients, arguments, order, result):
    """Add monomials of the arguments times the coefficients to `result`, depth first, one pair of rows per degree."""
    c, walk = words(context), walk_table(plan_words(outer))
    before, without_constants, used = c[NEXT], not np.any(arguments[:, 0]), needed_monomials(walk, coefficients)
    rows = _load_arguments(c, arguments)
    levels = np.empty((walk[1].max() + 1, 2), np.int64)
    for g in range(2, len(levels)):
        levels[g, 0], levels[g, 1] = new_row(c), new_row(c)
    for m in range(len(used)):
        i, g, v = walk[0, m], walk[1, m], walk[2, m]
        if not used[m] or (without_constants and g > order):
            continue
        if g == 1:
            levels[1] = rows[v, :2]
        else:
            _multiply_into(context, c, levels[g], levels[g - 1], rows[v], without_constants * (g - 1), order)
        _add_scaled(c, result, coefficients[:, i], levels[g, 0], 1.0, order)
        _add_scaled(c, result, coefficients[:, i], levels[g, 1], 1.0j, order)
    c[NEXT] = before


@njit
def _add_scaled(c, result, factors, a, unit, order):
    """result[k] += factors[k] * unit * row a up to degree `order`."""
    series, end = row(c, a), degree_starts(c)[min(degrees(c)[a], order) + 1]
    for k in range(len(factors)):
        factor, out = factors[k] * unit, result[k]
        if factor != 0.0:
            for i in range(end):
                out[i] += factor * series[i]
