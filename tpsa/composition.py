"""Composition of polynomials: a tree of products shared by all components.

Every monomial of the outer map is its parent times one more inner component. The tree is walked depth first, so that
one series per degree is alive; branches without a coefficient in any component are left out.
"""

import numpy as np
from numpy.typing import NDArray

from tpsa.context import call_product, degree_starts, degrees, new_row, row, words
from tpsa.descriptor import Descriptor
from tpsa.jit import njit
from tpsa.slots import load_row
from tpsa.workspace import Workspace


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
    sequence = _depth_first(outer, coefficients)
    workspace = Workspace(inner, len(arguments) + outer.order)
    result = np.zeros((len(coefficients), inner.size))
    result[:, 0] = coefficients[:, 0]
    depths = outer.exponents.sum(axis=1, dtype=np.int64)[sequence]
    factors = outer.tables.factors[sequence]
    picked = np.ascontiguousarray(coefficients[:, sequence].T)
    _walk(workspace.address, np.ascontiguousarray(arguments), depths, factors, picked, order, result)
    return result


def _depth_first(outer: Descriptor, coefficients: NDArray[np.float64]) -> NDArray[np.int64]:
    """Monomials but the constant, parents before children, without branches that no polynomial needs."""
    parents = outer.tables.parents
    needed = np.any(coefficients != 0.0, axis=0)
    for g in range(outer.order, 0, -1):
        block = np.arange(outer.degree_starts[g], outer.degree_starts[g + 1])
        needed[parents[block[needed[block]]]] = True
    children: dict[int, list[int]] = {}
    for i in np.flatnonzero(needed[1:]) + 1:
        children.setdefault(int(parents[i]), []).append(int(i))
    sequence, waiting = [], children.get(0, [])[::-1]
    while waiting:
        i = waiting.pop()
        sequence.append(i)
        waiting += children.get(i, [])[::-1]
    return np.array(sequence, np.int64)


@njit
def _walk(context, arguments, depths, factors, coefficients, order, result):
    """Add coefficients[m] times monomial m of the arguments, given by its degree and last factor, to `result`."""
    c = words(context)
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
        else:
            call_product(context, levels[g], levels[g - 1], 1.0, 0.0, rows[factors[m]], 1.0, 0.0, order)
        series, end = row(c, levels[g]), degree_starts(c)[min(degrees(c)[levels[g]], order) + 1]
        for k in range(result.shape[0]):
            factor = coefficients[m, k]
            if factor != 0.0:
                out = result[k]
                for i in range(end):
                    out[i] += factor * series[i]
