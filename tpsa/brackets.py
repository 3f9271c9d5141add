"""Compiled Poisson brackets: derivatives by all variables lie side by side, so that one product does all pairs."""

import numpy as np

from tpsa.composition import bounds
from tpsa.context import LANES, ORDER, SIZE, degree_starts, words
from tpsa.jit import njit
from tpsa.lanes import add_product, new_blocks
from tpsa.plans import slope_table


@njit
def gradients(c, series, variables, degrees, conjugate):
    """Blocks whose lane l of row k has the derivative of a series with respect to variable k * LANES + l.

    If `conjugate`, with respect to p in the place of q and minus that with respect to q in the place of p. `degrees`
    are the lowest, from 1, and highest present in the series.
    """
    starts, rows = degree_starts(c), (variables + LANES - 1) // LANES
    end, size = starts[degrees[1] + 1], starts[degrees[1]]
    blocks = new_blocks(rows * size)
    blocks[:] = 0.0
    blocks = blocks.reshape(rows, size, LANES)
    for v in range(variables):
        table = slope_table(c, v ^ 1 if conjugate else v)
        sign, out = -1.0 if conjugate and v % 2 else 1.0, blocks[v // LANES]
        for i in range(table.shape[1]):
            if table[1, i] >= end:
                break
            out[table[0, i], v % LANES] = sign * table[2, i] * series[table[1, i]]
    return blocks


@njit
def add_bracket(out, c, targets, f, f_degrees, g, g_degrees, order, product):
    """Add [f, g] up to degree `order`, of gradients, that of g conjugate, to a series; `product` is for blocks."""
    if f_degrees[1] == 0 or g_degrees[1] == 0:
        return
    (low_f, high_f), (low_g, high_g) = f_degrees, g_degrees
    top = min(order, high_f + high_g - 2)
    end = degree_starts(c)[top + 1]
    product[:end] = 0.0
    for k in range(len(f)):
        add_product(c, targets, product, f[k], low_f - 1, high_f - 1, g[k], low_g - 1, high_g - 1, top)
    for i in range(end):
        for lane in range(LANES):
            out[i] += product[i, lane]


@njit
def bracket(address, targets, f, g, variables):
    """Coefficients of [f, g] of two series given by theirs; `address` is that of a context."""
    c, out = words(address), np.zeros(len(f))
    first, second = degrees_present(c, f), degrees_present(c, g)
    slopes = gradients(c, f, variables, first, False), gradients(c, g, variables, second, True)
    add_bracket(out, c, targets, slopes[0], first, slopes[1], second, c[ORDER], new_blocks(c[SIZE]))
    return out


@njit
def degrees_present(c, series):
    """Lowest, from 1, and highest degree present in a series; highest 0 where none is."""
    found = bounds(c, series.reshape(1, len(series)))
    return found[0, 0], found[1, 0]


@njit
def exponential(address, targets, f, series, variables, accuracy, most):
    """Coefficients of exp(:f:) g for each g of (n, size) series, and whether every sum converged in `most` terms."""
    c, result, converged = words(address), series.copy(), True
    degrees, product = degrees_present(c, f), new_blocks(c[SIZE])
    slopes, term = gradients(c, f, variables, degrees, False), np.empty(c[SIZE])
    for total in result:
        last, done = total.copy(), False
        for n in range(1, most + 1):
            present = degrees_present(c, last)
            term[:] = 0.0
            conjugate = gradients(c, last, variables, present, True)
            add_bracket(term, c, targets, slopes, degrees, conjugate, present, c[ORDER], product)
            last[:] = term / n
            total += last
            done = not np.abs(last).max() > accuracy * np.abs(total).max()
            if done:
                break
        converged = converged and done
    return result, converged


@njit
def symplectic_deviation(address, targets, series, known):
    """Largest deviation of the brackets of 2n series from canonical ones: of `known` coefficients, and of values.

    Derivatives are known to one degree less than the series.
    """
    c, n = words(address), len(series)
    product, found, order = new_blocks(c[SIZE]), np.empty(c[SIZE]), c[ORDER] - 1
    degrees = [degrees_present(c, series[b]) for b in range(n)]
    conjugate = [gradients(c, series[b], n, degrees[b], True) for b in range(n)]
    largest, linear = 0.0, 0.0
    for a in range(n):
        slopes = gradients(c, series[a], n, degrees[a], False)
        for b in range(a + 1, n):
            found[:] = 0.0
            add_bracket(found, c, targets, slopes, degrees[a], conjugate[b], degrees[b], order, product)
            found[0] -= 1.0 if b == a + 1 and a % 2 == 0 else 0.0
            linear = max(linear, abs(found[0]))
            for i in range(len(found)):
                if known[i]:
                    largest = max(largest, abs(found[i]))
    return largest, linear
