"""Composition of polynomials: a tree of products shared by all components.

Every monomial of the outer map is its parent times one more inner component. The tree is walked depth first, so that
one series per degree is alive; branches without a coefficient in any component are left out.
"""

from functools import cache

import numpy as np
from numpy.typing import NDArray

from tpsa.context import NEXT, call_product, call_push, degree_starts, degrees, new_row, row, words
from tpsa.descriptor import Descriptor
from tpsa.jit import njit
from tpsa.slots import load_row
from tpsa.workspace import Workspace, thread_workspace


def substitute(
    outer: Descriptor, coefficients: NDArray[np.float64], inner: Descriptor, arguments: NDArray[np.float64], order: int
) -> NDArray[np.float64]:
    """Coefficients of polynomials of series.

    Parameters
    ----------
    outer : Descriptor
        Basis of the polynomials.
    coefficients : (n, outer.size) array
        Polynomials.
    inner : Descriptor
        Basis of the arguments and of the result.
    arguments : (outer.variables + outer.parameters, inner.size) array
        Series to put in, constant parts included.
    order : int
        Highest degree of the result; coefficients above it are zero.

    Returns
    -------
    (n, inner.size) array
    """
    sequence = depth_first(outer)
    sequence = sequence[_needed(outer, coefficients)[sequence]]
    workspace = thread_workspace(inner)
    if workspace.free_slots < len(arguments) + outer.order:
        workspace = Workspace(inner, len(arguments) + outer.order)
    result = np.zeros((len(coefficients), inner.size))
    result[:, 0] = coefficients[:, 0]
    depths = outer.exponents.sum(axis=1, dtype=np.int64)[sequence]
    factors = outer.tables.factors[sequence]
    picked = np.ascontiguousarray(coefficients[:, sequence].T)
    _walk(workspace.address, np.ascontiguousarray(arguments), depths, factors, picked, order, result)
    return result


@cache
def depth_first(outer: Descriptor) -> NDArray[np.int64]:
    """All monomials but the constant, parents before children, each with its descendants following it."""
    children: dict[int, list[int]] = {}
    for i, parent in enumerate(outer.tables.parents[1:].tolist()):
        children.setdefault(parent, []).append(i + 1)
    sequence, waiting = [], children.get(0, [])[::-1]
    while waiting:
        i = waiting.pop()
        sequence.append(i)
        waiting += children.get(i, [])[::-1]
    return np.array(sequence, np.int64)


def _needed(outer: Descriptor, coefficients: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Which monomials have a coefficient in any polynomial, or a descendant that has."""
    needed = np.any(coefficients != 0.0, axis=0)
    for g in range(outer.order, 0, -1):
        begin, end = outer.degree_starts[g : g + 2]
        needed[outer.tables.parents[begin:end][needed[begin:end]]] = True
    return needed


@njit
def _multiply_into(context, c, o, a, b, lowest, order):
    """Row o = row a, which has nothing below degree `lowest`, times row b, which has no constant part."""
    out, starts = row(c, o), degree_starts(c)
    for i in range(starts[order + 1]):
        out[i] = 0.0
    degrees(c)[o] = order
    for k in range(lowest, min(degrees(c)[a], order - 1) + 1):
        call_push(context, o, a, b, k, min(degrees(c)[b], order - k))


@njit
def _walk(context, arguments, depths, factors, coefficients, order, result):
    """Add coefficients[m] times monomial m of the arguments, given by its degree and last factor, to `result`."""
    c = words(context)
    before, without_constants = c[NEXT], not np.any(arguments[:, 0])
    rows = np.empty(len(arguments), np.int64)
    for v in range(len(arguments)):
        rows[v] = new_row(c)
        load_row(c, rows[v], arguments[v])
    levels = np.empty(depths.max() + 1 if len(depths) else 1, np.int64)
    for g in range(2, len(levels)):
        levels[g] = new_row(c)
    for m in range(len(depths)):
        g = depths[m]
        if g == 1:
            levels[1] = rows[factors[m]]
        elif without_constants:
            _multiply_into(context, c, levels[g], levels[g - 1], rows[factors[m]], g - 1, order)
        else:
            call_product(context, levels[g], levels[g - 1], 1.0, 0.0, rows[factors[m]], 1.0, 0.0, order)
        begin = degree_starts(c)[min(g, order + 1)] if without_constants else 0
        series, end = row(c, levels[g]), degree_starts(c)[min(degrees(c)[levels[g]], order) + 1]
        for k in range(result.shape[0]):
            factor = coefficients[m, k]
            if factor != 0.0:
                out = result[k]
                for i in range(begin, end):
                    out[i] += factor * series[i]
    c[NEXT] = before
