"""Composition of polynomials by a nested multiplication shared by all components.

A polynomial is its constant part plus, for each variable v, v times a polynomial in v and the variables after it. So
every monomial of degree g stands for a polynomial, which is needed to `order - g` only and multiplied once, by a series
without constant part; LANES polynomials go side by side. Constant parts of the arguments first move the expansion point
of the outer polynomials. Cost: one product per monomial of the outer map, at falling orders, for LANES components.

A complex polynomial takes two lanes, for its real and its imaginary part. The imaginary part of an argument multiplies
the polynomial times i, whose lanes are these in other places.
"""

import numpy as np
from numpy.typing import NDArray

from tpsa.context import LANES, ORDER, degree_starts, words
from tpsa.descriptor import Descriptor
from tpsa.jit import njit
from tpsa.lanes import add_multiples, add_product, new_blocks
from tpsa.pairs import interleaved, joined, parts, turn
from tpsa.plans import plan, slope_table, walk_table

PLACE, TOP, FACTOR = range(3)


def substitute(
    outer: Descriptor, coefficients: NDArray, inner: Descriptor, arguments: NDArray, order: int
) -> NDArray:
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
    (n, inner.size) array, complex where coefficients or arguments are
    """
    if np.iscomplexobj(arguments):
        coefficients = np.asarray(coefficients, np.complex128)
    other = plan(inner)
    return substitute_series(plan(outer).address, coefficients, other.address, other.targets, arguments, order)


@njit
def substitute_series(outer, coefficients, inner, targets, arguments, order):
    """As `substitute`, on the addresses of contexts; real arguments, or complex ones and coefficients."""
    c = words(outer)
    for v in range(len(arguments)):
        if arguments[v, 0] != 0.0:
            coefficients = _shifted(c, coefficients, v, arguments[v, 0])
    return composed(c, coefficients, words(inner), targets, arguments, order)


@njit
def _shifted(c, coefficients, v, step):
    """The same polynomials with x + step in the place of variable x, by repeated synthetic division."""
    lower, upper, powers = slope_table(c, v)
    result = coefficients.copy()
    for k in range(c[ORDER]):
        for i in range(len(lower) - 1, -1, -1):
            if powers[i] > k:
                for n in range(len(result)):
                    result[n, lower[i]] += step * result[n, upper[i]]
    return result


@njit
def composed(outer, coefficients, c, targets, arguments, order):
    """(n, size) polynomials of arguments whose constant parts are taken as zero, up to `order`."""
    depth = min(order, outer[ORDER])
    if depth == 1:
        return linear_combinations(coefficients, arguments, degree_starts(c)[order + 1])
    rows, walk, starts = interleaved(coefficients), walk_table(outer), degree_starts(c)
    result, (real, imag) = np.empty((len(rows), arguments.shape[1])), parts(arguments)
    limits, needed = bounds(c, arguments), needed_monomials(walk, rows)
    levels = np.zeros((3, depth + 2), np.int64)
    for g in range(depth + 1):
        levels[PLACE, g + 1] = levels[PLACE, g] + starts[order - g + 1]
    blocks, turned = new_blocks(levels[PLACE, depth + 1]), new_blocks(starts[order + 1] if len(imag) else 0)
    for begin in range(0, len(rows), LANES):
        some, part = rows[begin : begin + LANES], result[begin : begin + LANES]
        top = _nested(walk, needed, some, c, targets, (real, imag), limits, order, (blocks, turned), levels)
        for k in range(len(part)):
            for i in range(starts[top + 1]):
                part[k, i] = blocks[i, k]
            part[k, starts[top + 1] :] = 0.0
    return joined(result, coefficients)


@njit
def linear_combinations(coefficients, arguments, end):
    """First `end` coefficients of polynomials of degree 1 of arguments whose constant parts are taken as zero."""
    result = np.zeros((len(coefficients), arguments.shape[1]), coefficients.dtype)
    for k in range(len(result)):
        result[k, 0] = coefficients[k, 0]
        for v in range(len(arguments)):
            factor = coefficients[k, 1 + v]
            for i in range(np.uint64(1), np.uint64(end)):
                result[k, i] += factor * arguments[v, i]
    return result


@njit
def bounds(c, series):
    """Rows lowest degree from 1 and highest degree present in each of (n, size) series; highest 0 where none is."""
    starts, limits = degree_starts(c), np.empty((2, len(series)), np.int64)
    for v in range(len(series)):
        low, high = len(starts) - 1, 0
        for g in range(1, len(starts) - 1):
            for i in range(starts[g], starts[g + 1]):
                if series[v, i] != 0.0:
                    low, high = min(low, g), g
                    break
        limits[0, v], limits[1, v] = low, high
    return limits


@njit
def needed_monomials(walk, coefficients):
    """Which monomials of the walk have a coefficient in any polynomial, or a descendant that has."""
    needed = np.zeros(walk.shape[1], np.bool_)
    for m in range(walk.shape[1] - 1, -1, -1):
        for k in range(len(coefficients)):
            if coefficients[k, walk[0, m]] != 0.0:
                needed[m] = True
                break
        if needed[m] and walk[3, m] >= 0:
            needed[walk[3, m]] = True
    return needed


@njit
def _nested(walk, needed, coefficients, c, targets, arguments, limits, order, buffers, levels):
    """At most LANES polynomials of series, put into the first blocks; gives the highest degree there.

    Column g of `levels` tells of the polynomial that stands for the monomial of degree g in which the walk is: its
    first block, highest degree, and the factor that it waits for.
    """
    (real, imag), (blocks, turned) = arguments, buffers
    starts, last = degree_starts(c), 0
    levels[TOP, 0] = 0
    _start(blocks, 0, coefficients, 0)
    for m in range(len(needed) + 1):
        degree = walk[1, m] if m < len(needed) else 1
        if m < len(needed) and (degree > order or not needed[m]):
            continue
        for g in range(last, degree - 1, -1):
            v, to, before = levels[FACTOR, g], levels[PLACE, g - 1], levels[TOP, g - 1]
            low, high, most = limits[0, v], limits[1, v], levels[TOP, g]
            top, factor = min(order - g + 1, most + high), blocks[levels[PLACE, g] :]
            if top > before:
                blocks[to + starts[before + 1] : to + starts[top + 1]] = 0.0
                levels[TOP, g - 1] = top
            if most == 0 and len(imag) == 0:
                first, end = starts[low], starts[min(high, top) + 1]
                add_multiples(blocks, to, levels[PLACE, g], real, v * real.shape[1], first, end)
            else:
                add_product(c, targets, blocks[to:], real[v], low, high, factor, 0, most, top)
            if len(imag) > 0:
                turn(turned, factor, starts[most + 1])
                add_product(c, targets, blocks[to:], imag[v], low, high, turned, 0, most, top)
        if m < len(needed):
            last, levels[TOP, degree], levels[FACTOR, degree] = degree, 0, walk[2, m]
            _start(blocks, levels[PLACE, degree], coefficients, walk[0, m])
    return levels[TOP, 0]


@njit
def _start(blocks, at, coefficients, i):
    """Set a block to coefficient i of some series, and to zero beyond them."""
    for k in range(LANES):
        blocks[at, k] = 0.0
    for k in range(len(coefficients)):
        blocks[at, k] = coefficients[k, i]
