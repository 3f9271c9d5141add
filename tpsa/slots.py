"""Access to a workspace's slots from compiled code, and the life of temporaries there.

These functions exist in compiled code only; `context` is `Workspace.address`.
"""

import operator

import numpy as np
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic, make_attribute_wrapper, models, overload, register_model

from tpsa.compiled_type import check, handle, store_handles, tps_type
from tpsa.context import (
    HANDLES,
    MAX_RESULTS,
    NEXT,
    ORDER,
    PERMUTATION,
    RELEASE,
    SETTLE,
    SIZE,
    SLOTS,
    call_unary,
    degree_starts,
    degrees,
    integers,
    row,
    words,
)
from tpsa.jit import njit


@njit
def get(context, k):
    """Handle of logical slot k; costs nothing."""
    c = words(context)
    return handle(integers(c[PERMUTATION], c[SLOTS])[k], context, 1.0, 0.0)


@njit
def load_row(c, o, coefficients):
    """Row o = series of given coefficients; its degree is the highest of a coefficient that is not zero."""
    out, starts, top, last = row(c, o), degree_starts(c), c[ORDER], c[SIZE] - 1
    for i in range(np.uint64(c[SIZE])):
        out[i] = coefficients[i]
    while last > 0 and out[last] == 0.0:
        last -= 1
    while starts[top] > last:
        top -= 1
    degrees(c)[o] = top


@njit
def read_row(context, physical, out):
    """Copy the coefficients of a physical row to the array `out`, (size,) or longer."""
    c = words(context)
    coefficients, end = row(c, physical), degree_starts(c)[degrees(c)[physical] + 1]
    for i in range(np.uint64(end)):
        out[i] = coefficients[i]
    out[end:] = 0.0


@njit
def load_slot(context, k, coefficients):
    """Set logical slot k to a series of given coefficients, an array (size,)."""
    c = words(context)
    load_row(c, integers(c[PERMUTATION], c[SLOTS])[k], coefficients)


@njit
def read_slot(context, k, out):
    """Copy the coefficients of logical slot k to the array `out`, (size,) or longer."""
    c = words(context)
    read_row(context, integers(c[PERMUTATION], c[SLOTS])[k], out)


def settle(context, z):
    """Make a tuple of series and numbers logical slots 0, 1, ... and drop all temporaries.

    Costs nothing where rows can be renamed, a copy where they cannot. Persistent slots from len(z) on (see
    `Workspace.reserve`) stay; no handle made before stays valid.

    Raises
    ------
    TypeError
        Outside of compiled code.
    """
    raise TypeError(_COMPILED_ONLY.format("settle"))


def mark(x):
    """Remember which temporaries exist, for `release`; `x` is any series of the computation; costs nothing.

    Raises
    ------
    TypeError
        Outside of compiled code.
    """
    raise TypeError(_COMPILED_ONLY.format("mark"))


def release(x, since, keep):
    """Drop all temporaries made after `since = mark(x)` but those of the series in the tuple `keep`.

    For long loops in users' functions: handles made after the mark and not kept are invalid from here on. Costs a few
    integers for each series kept.

    Raises
    ------
    TypeError
        Outside of compiled code.
    """
    raise TypeError(_COMPILED_ONLY.format("release"))


def slot_row(context, first, length=0):
    """Sequence whose item i is logical slot first + i: parameters of an element that are series; costs nothing.

    Raises
    ------
    TypeError
        Outside of compiled code.
    """
    raise TypeError(_COMPILED_ONLY.format("slot_row"))


_COMPILED_ONLY = "{} works on the memory of compiled code: call it from a function decorated with numba.njit"


def _check_count(name, z):
    if len(z) > MAX_RESULTS:
        raise ValueError(f"{name}: at most {MAX_RESULTS} series, got {len(z)}")


@overload(settle)
def _settle(context, z):
    if not isinstance(z, types.BaseTuple):
        return None
    count = len(z)
    _check_count("settle", z)

    def impl(context, z):
        store_handles(words(context)[HANDLES], z)
        call_unary(SETTLE, context, count, 0.0, 0.0, 0.0)
        check(context)

    return impl


@overload(mark)
def _mark(x):
    if x is tps_type:
        return lambda x: words(x._context)[NEXT]


@overload(release)
def _release(x, since, keep):
    if x is not tps_type or not isinstance(since, types.Integer) or not isinstance(keep, types.BaseTuple):
        return None
    count = len(keep)
    _check_count("release", keep)

    def impl(x, since, keep):
        store_handles(words(x._context)[HANDLES], keep)
        call_unary(RELEASE, x._context, count, 0.0, 0.0, float(since))
        check(x._context)

    return impl


class SlotRowType(types.Type):
    """Type of the result of `slot_row`."""

    def __init__(self) -> None:
        super().__init__("SlotRow")


slot_row_type = SlotRowType()


@register_model(SlotRowType)
class _SlotRowModel(models.StructModel):
    def __init__(self, manager, fe_type):
        super().__init__(manager, fe_type, [("context", types.int64), ("first", types.int64), ("length", types.int64)])


for _field in ("context", "first", "length"):
    make_attribute_wrapper(SlotRowType, _field, "_" + _field)


@intrinsic
def _make_slot_row(typingctx, context, first, length):
    def codegen(context, builder, signature, args):
        proxy = cgutils.create_struct_proxy(slot_row_type)(context, builder)
        proxy.context, proxy.first, proxy.length = args
        return proxy._getvalue()

    return slot_row_type(types.int64, types.int64, types.int64), codegen


@overload(slot_row)
def _slot_row(context, first, length=0):
    return lambda context, first, length=0: _make_slot_row(context, first, length)


@overload(operator.getitem)
def _slot_row_item(row, i):
    if row is slot_row_type and isinstance(i, types.Integer):
        return lambda row, i: get(row._context, row._first + i)


@overload(len)
def _slot_row_length(row):
    if row is slot_row_type:
        return lambda row: row._length
