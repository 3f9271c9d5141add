"""A descriptor's tables in one place for compiled code, those that compositions, inverses and brackets need besides.

A plan is a context (see `tpsa.context`) without rows and kernels; contexts of workspaces start as copies of it.
"""

from functools import cache

import numpy as np
from numpy.typing import NDArray

from tpsa import context as layout
from tpsa.context import LANES, SIZE, SLOPE_STARTS, SLOPES, WALK, WIDTH, degree_starts, integers
from tpsa.descriptor import Descriptor
from tpsa.jit import njit


class Plan:
    """Tables of one descriptor; see `plan`.

    Attributes
    ----------
    words : (WORDS,) array
        The context.
    address : int
        Of the words, the argument of compiled functions; valid as long as the plan lives.
    targets : array
        The product table, whose type of integers compiled functions are specialised to.
    """

    def __init__(self, d: Descriptor) -> None:
        tables, derivatives = d.tables, [d.derivative_table(v) for v in range(len(d.names))]
        columns = [np.concatenate(column) for column in zip(*derivatives, strict=True)]
        self.targets = tables.targets
        self._arrays = {
            layout.DEGREE_STARTS: tables.degree_starts,
            layout.BLOCK_STARTS: tables.block_starts,
            layout.BLOCK_DEGREES: tables.block_degrees,
            layout.SEGMENT_STARTS: tables.segment_starts,
            layout.SEGMENTS: tables.segments,
            layout.ROW_STARTS: tables.row_starts,
            layout.TARGETS: tables.targets,
            WALK: _walk(d),
            SLOPES: np.array(columns, np.int64),
            SLOPE_STARTS: np.cumsum([0, *(len(lower) for lower, *_ in derivatives)]),
        }
        self.words = c = np.zeros(layout.WORDS, np.int64)
        for word, array in self._arrays.items():
            c[word] = array.ctypes.data
        c[layout.ORDER], c[SIZE] = d.order, d.size
        c[WIDTH], c[layout.VARIABLES] = len(d.names), d.variables
        self.address = c.ctypes.data


plan = cache(Plan)


def _walk(d: Descriptor) -> NDArray[np.int64]:
    """Monomials but the constant, sorted as words whose letters are the factors: descendants follow their monomial.

    Returns
    -------
    (4, size - 1) array
        Number, degree, last factor, and place in this order of the monomial without it (-1 for the constant).
    """
    exponents = d.exponents
    degrees = exponents.sum(axis=1, dtype=int)
    letters = np.full((d.size, d.order), -1)
    monomials, factors = np.nonzero(exponents)
    letters[np.arange(d.order) < degrees[:, None]] = np.repeat(factors, exponents[monomials, factors])
    sequence = np.lexsort(letters.T[::-1])[1:]
    last = letters[sequence, degrees[sequence] - 1]
    parents = np.empty(d.size, np.int64)
    for v in range(exponents.shape[1]):
        lower, upper, _ = d.derivative_table(v)
        own = letters[upper, degrees[upper] - 1] == v
        parents[upper[own]] = lower[own]
    places = np.empty(d.size, np.int64)
    places[0], places[sequence] = -1, np.arange(d.size - 1)
    return np.array([sequence, degrees[sequence], last, places[parents[sequence]]])


@njit
def walk_table(c):
    """Rows number, degree, last factor and place of the parent of the monomials in the order of `_walk`."""
    return integers(c[WALK], 4 * (c[SIZE] - 1)).reshape(4, c[SIZE] - 1)


@njit
def slope_table(c, v):
    """Rows monomial after, monomial before, and its exponent before, of the derivative with respect to v."""
    starts = integers(c[SLOPE_STARTS], c[WIDTH] + 1)
    count = starts[c[WIDTH]]
    return integers(c[SLOPES], 3 * count).reshape(3, count)[:, starts[v] : starts[v + 1]]


@njit
def fill_slopes(c, out, series, v, known):
    """Set blocks to the derivative with respect to v of series in blocks, of which degrees 0 to `known` are present."""
    starts, table = degree_starts(c), slope_table(c, v)
    out[: starts[known]] = 0.0
    for i in range(table.shape[1]):
        if table[1, i] >= starts[known + 1]:
            break
        for k in range(LANES):
            out[table[0, i], k] = table[2, i] * series[table[1, i], k]
