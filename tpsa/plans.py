"""What compositions, inverses and brackets need of a descriptor, in one place for compiled code.

A plan is a context (see `tpsa.context`) that has tables but no rows, followed by a few words of its own.
"""

from functools import cache

import numpy as np
from numba import carray
from numpy.typing import NDArray

from tpsa.context import LANES, SIZE, WORDS, degree_starts, integers, pointer
from tpsa.descriptor import Descriptor
from tpsa.jit import njit
from tpsa.workspace import table_context

WALK, SLOPES, SLOPE_STARTS, VARIABLES = range(WORDS, WORDS + 4)


class Plan:
    """Tables of one descriptor; see `plan`.

    Attributes
    ----------
    address : int
        Of the words, the argument of compiled functions; valid as long as the plan lives.
    targets : array
        The product table, whose type of integers compiled functions are specialised to.
    """

    def __init__(self, d: Descriptor) -> None:
        derivatives = [d.derivative_table(v) for v in range(len(d.names))]
        columns = [np.concatenate(column) for column in zip(*derivatives, strict=True)]
        self.targets = d.tables.targets
        self._tables = {
            WALK: _walk(d),
            SLOPES: np.array(columns, np.int64),
            SLOPE_STARTS: np.cumsum([0, *(len(lower) for lower, *_ in derivatives)]),
        }
        self._words = c = np.append(table_context(d), np.zeros(VARIABLES - WORDS + 1, np.int64))
        for word, array in self._tables.items():
            c[word] = array.ctypes.data
        c[VARIABLES] = len(d.names)
        self.address = c.ctypes.data


plan = cache(Plan)


def _walk(d: Descriptor) -> NDArray[np.int64]:
    """Monomials but the constant, sorted as words whose letters are the factors: descendants follow their monomial.

    Returns
    -------
    (4, size - 1) array
        Number, degree, last factor, and place in this order of the monomial without it (-1 for the constant).
    """
    exponents = d.exponents.astype(np.int64)
    degrees = exponents.sum(axis=1)
    letters = np.full((d.size, d.order), -1)
    letters[np.arange(d.order) < degrees[:, None]] = np.repeat(
        np.tile(np.arange(exponents.shape[1]), d.size), exponents.ravel()
    )
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
def plan_words(address):
    """The words of a plan."""
    return carray(pointer(address), VARIABLES + 1, np.int64)


@njit
def walk_table(c):
    """Rows number, degree, last factor and place of the parent of the monomials in the order of `_walk`."""
    return integers(c[WALK], 4 * (c[SIZE] - 1)).reshape(4, c[SIZE] - 1)


@njit
def slope_table(c, v):
    """Rows monomial after, monomial before, and its exponent before, of the derivative with respect to v."""
    starts = integers(c[SLOPE_STARTS], c[VARIABLES] + 1)
    count = starts[c[VARIABLES]]
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
