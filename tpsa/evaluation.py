"""Kernels on plain arrays: one operation for the Python type, values of polynomials."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tpsa.compiled_derived import integrate_handle
from tpsa.compiled_type import check, handle
from tpsa.context import NEXT, call_binary, call_unary, new_row, words
from tpsa.descriptor import Descriptor
from tpsa.jit import njit
from tpsa.slots import load_row, read_row

BLOCK = 64


@njit
def temporary(context, coefficients):
    """Row of a new temporary of given coefficients."""
    c = words(context)
    o = new_row(c)
    check(context)
    load_row(c, o, coefficients)
    return o


@njit
def binary_operation(context, kernel, a, b, same):
    """Coefficients of a kernel's result on two series given by coefficients; `same` if they are one and the same."""
    c, out = words(context), np.empty_like(a)
    before = c[NEXT]
    x = temporary(context, a)
    y = x if same else temporary(context, b)
    result = call_binary(kernel, context, x, 1.0, 0.0, context, y, 1.0, 0.0)
    check(context)
    read_row(context, result, out)
    c[NEXT] = before
    return out


@njit
def unary_operation(context, kernel, a, parameter):
    """Coefficients of a kernel's result on one series given by coefficients."""
    c, out = words(context), np.empty_like(a)
    before = c[NEXT]
    result = call_unary(kernel, context, temporary(context, a), 1.0, 0.0, parameter)
    check(context)
    read_row(context, result, out)
    c[NEXT] = before
    return out


@njit
def integral_operation(context, slope, a, value):
    """Coefficients of the series B with dB = slope dA and constant part `value`."""
    c, out = words(context), np.empty_like(a)
    before = c[NEXT]
    rows = temporary(context, slope), temporary(context, a)
    found = integrate_handle(handle(rows[0], context, 1.0, 0.0), handle(rows[1], context, 1.0, 0.0), value)
    read_row(context, found._row, out)
    c[NEXT] = before
    return out


@njit
def _evaluate(coefficients, parents, factors, points, out):
    """out[p, c] = polynomial c at point p, in blocks of points; monomials are products of lower ones."""
    size = len(parents)
    monomials, sums = np.empty((size, BLOCK)), np.empty(BLOCK)
    for begin in range(0, len(points), BLOCK):
        count = min(BLOCK, len(points) - begin)
        monomials[0] = 1.0
        for i in range(1, size):
            for p in range(count):
                monomials[i, p] = monomials[parents[i], p] * points[begin + p, factors[i]]
        for k in range(len(coefficients)):
            sums[:] = 0.0
            for i in range(size):
                factor = coefficients[k, i]
                if factor != 0.0:
                    for p in range(BLOCK):
                        sums[p] += factor * monomials[i, p]
            out[begin : begin + count, k] = sums[:count]


def evaluate_series(descriptor: Descriptor, coefficients: NDArray[np.float64], points: ArrayLike) -> NDArray:
    """(..., n) values of n series, given by (n, size) coefficients, at (..., variables [+ parameters]) points."""
    points = np.asarray(points, np.float64)
    given, full = points.shape[-1:], descriptor.variables + descriptor.parameters
    if given not in ((descriptor.variables,), (full,)):
        raise ValueError(
            f"points must have a last axis of {descriptor.variables} variables"
            + (f" or {full} with the parameters" if descriptor.parameters else "")
            + f", got shape {points.shape}"
        )
    flat = np.zeros((points.size // given[0], full))
    flat[:, : given[0]] = points.reshape(-1, given[0])
    out = np.empty((len(flat), len(coefficients)))
    tables = descriptor.tables
    _evaluate(np.ascontiguousarray(coefficients), tables.parents, tables.factors, flat, out)
    return out.reshape(*points.shape[:-1], len(coefficients))
