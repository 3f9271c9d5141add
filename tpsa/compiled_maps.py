"""Composition, substitution, evaluation and Poisson brackets of series in compiled code.

These look at the whole product table, whose type of integers is known when they run: there is code for both types.
"""

import numpy as np
from numba import carray, types
from numba.extending import overload

from tpsa.brackets import bracket
from tpsa.calculus import compose, evaluate, substitute
from tpsa.compiled_type import check, handle, is_number, store_handles, tps_type
from tpsa.complex_operators import imag_part, real_part
from tpsa.complex_type import complex_type
from tpsa.composition import substitute_series
from tpsa.context import (
    ERROR,
    HANDLES,
    MAX_RESULTS,
    MISMATCH,
    NEXT,
    ORDER,
    PERMUTATION,
    SIZE,
    SLOTS,
    TARGETS,
    VARIABLES,
    WIDTH,
    integers,
    new_row,
    pointer,
    words,
)
from tpsa.derived import with_imag
from tpsa.evaluation import evaluate_points
from tpsa.jit import njit
from tpsa.lie import poisson_bracket
from tpsa.products import UNBOUNDED
from tpsa.slots import load_row, read_row

SHORT = 2**16  # most monomials whose numbers the product table holds in 16 bits


@njit
def read_series(context, row, scale, shift, out):
    """Copy the coefficients of scale * row + shift to the (size,) array `out`."""
    read_row(context, row, out)
    for i in range(len(out)):
        out[i] *= scale
    out[0] += shift


@njit
def coefficients_of(x):
    """(size,) coefficients of a handle."""
    out = np.empty(words(x._context)[SIZE])
    read_series(x._context, x._row, x._scale, x._shift, out)
    return out


@njit
def _compose_rows(context, count, first, given):
    """New rows of the first `count` series in the handle area, with those that follow put in for some variables.

    These are the `given` ones from `first` on. Gives the place of the first row among temporaries.
    """
    c = words(context)
    rows, begin = integers(c[HANDLES], 3 * (count + given)), c[NEXT]
    numbers = carray(pointer(c[HANDLES]), 3 * (count + given), np.float64)
    outer, arguments = np.empty((count, c[SIZE])), np.zeros((c[WIDTH], c[SIZE]))
    for v in range(c[WIDTH]):
        arguments[v, 1 + v] = 1.0
    for k in range(count + given):
        out = outer[k] if k < count else arguments[first + k - count]
        read_series(context, rows[3 * k], numbers[3 * k + 1], numbers[3 * k + 2], out)
    if c[SIZE] <= SHORT:
        narrow = carray(pointer(c[TARGETS]), UNBOUNDED, np.uint16)
        result = substitute_series(context, outer, context, narrow, arguments, c[ORDER])
    else:
        wide = carray(pointer(c[TARGETS]), UNBOUNDED, np.uint32)
        result = substitute_series(context, outer, context, wide, arguments, c[ORDER])
    for k in range(count):
        o = new_row(c)
        check(context)
        load_row(c, o, result[k])
    return begin


def elsewhere(context, values):
    """Whether a series of a tuple of series and numbers is of another workspace; in compiled code only."""
    raise NotImplementedError


@overload(elsewhere)
def _elsewhere(context, values):
    if len(values) == 0:
        return lambda context, values: False
    if values[0] is tps_type:
        return lambda context, values: values[0]._context != context or elsewhere(context, values[1:])
    return lambda context, values: elsewhere(context, values[1:])


def temporaries(context, place, values):
    """Handles of as many temporaries, from a place on, as a tuple has members; in compiled code only."""
    raise NotImplementedError


@overload(temporaries)
def _temporaries(context, place, values):
    if len(values) == 0:
        return lambda context, place, values: ()

    def impl(context, place, values):
        c = words(context)
        row = integers(c[PERMUTATION], c[SLOTS])[place]
        return (handle(row, context, 1.0, 0.0),) + temporaries(context, place + 1, values[1:])  # noqa: RUF005

    return impl


@njit
def _composed(f, arguments, first):
    """Tuple of handles with others put in for variables from `first` on."""
    context = f[0]._context
    c = words(context)
    if elsewhere(context, f) or elsewhere(context, arguments):
        c[ERROR] = MISMATCH
        check(context)
    store_handles(c[HANDLES], f + arguments)
    return temporaries(context, _compose_rows(context, len(f), first, len(arguments)), f)


@njit
def _compose(f, arguments):
    c = words(f[0]._context)
    if len(arguments) != c[VARIABLES] and len(arguments) != c[WIDTH]:
        raise ValueError("compose: give one series or number for each variable, or for each variable and parameter")
    return _composed(f, arguments, 0)


@njit
def _substitute(f, i, value):
    if not 0 <= i < words(f._context)[WIDTH]:
        raise IndexError("substitute: the descriptor has no variable or parameter of this number")
    return _composed((f,), (value,), i)[0]


def _is_tuple(t, numbers):
    """Whether a type is that of a tuple of series, or also of `numbers`, that fits into half of the handle area."""
    fits = isinstance(t, types.BaseTuple) and 0 < len(t) <= MAX_RESULTS // 2
    return fits and all(m is tps_type or (numbers and is_number(m)) for m in t)


@overload(compose)
def _overload_compose(f, arguments):
    if not _is_tuple(arguments, numbers=True):
        return None
    if f is tps_type:
        return lambda f, arguments: _compose((f,), arguments)[0]
    return (lambda f, arguments: _compose(f, arguments)) if _is_tuple(f, numbers=False) else None


@overload(substitute)
def _overload_substitute(f, i, value):
    if f is tps_type and isinstance(i, types.Integer) and (value is tps_type or is_number(value)):
        return lambda f, i, value: _substitute(f, i, value)


@njit
def _evaluate(f, point):
    c = words(f._context)
    if len(point) != c[VARIABLES] and len(point) != c[WIDTH]:
        raise ValueError("evaluate: the point must have a number for each variable, or for each variable and parameter")
    points, out = np.zeros((1, c[WIDTH])), np.empty((1, 1))
    points[0, : len(point)] = point
    evaluate_points(f._context, coefficients_of(f).reshape(1, c[SIZE]), points, 1, out)
    return out[0, 0]


@overload(evaluate)
def _overload_evaluate(f, point):
    if not (isinstance(point, types.Array) and point.ndim == 1 and is_number(point.dtype)):
        return None
    if f is tps_type:
        return lambda f, point: _evaluate(f, point)
    return (lambda f, point: _evaluate(f.real, point) + 1j * _evaluate(f.imag, point)) if f is complex_type else None


@njit
def _bracket(f, g):
    """Handle of the Poisson bracket of two handles."""
    context = f._context
    c = words(context)
    if g._context != context:
        c[ERROR] = MISMATCH
        check(context)
    if c[VARIABLES] % 2 != 0:
        raise ValueError("poisson_bracket: canonical pairs need an even number of variables")
    o, a, b = new_row(c), coefficients_of(f), coefficients_of(g)
    check(context)
    if c[SIZE] <= SHORT:
        result = bracket(context, carray(pointer(c[TARGETS]), UNBOUNDED, np.uint16), a, b, c[VARIABLES])
    else:
        result = bracket(context, carray(pointer(c[TARGETS]), UNBOUNDED, np.uint32), a, b, c[VARIABLES])
    load_row(c, o, result)
    return handle(o, context, 1.0, 0.0)


@overload(poisson_bracket)
def _overload_bracket(f, g):
    if f is tps_type and g is tps_type:
        return lambda f, g: _bracket(f, g)
    if {f, g} <= {tps_type, complex_type}:
        return _complex_bracket


def _complex_bracket(f, g):
    a, b, p, q = real_part(f), imag_part(f) + 0.0 * real_part(f), real_part(g), imag_part(g) + 0.0 * real_part(g)
    real = poisson_bracket(a, p) - poisson_bracket(b, q)
    return with_imag(real, poisson_bracket(a, q) + poisson_bracket(b, p))
