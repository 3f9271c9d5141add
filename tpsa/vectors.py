"""Vectors of eight doubles as a number type of compiled code, for loops over series side by side.

A `Lanes` value lives in a vector register (or in two or four where the processor's are shorter). Memory is given by the
address of its first row; loads are fastest where that is a multiple of 64, as `empty` makes it.
"""

import math

import numpy as np
from llvmlite import ir
from numba import types
from numba.extending import intrinsic, models, register_model
from numpy.typing import NDArray

from tpsa.context import LANES
from tpsa.jit import njit

_ROW_BYTES = 8 * LANES
_VECTOR = ir.VectorType(ir.DoubleType(), LANES)
_UNDEFINED = ir.Constant(_VECTOR, ir.Undefined)
_WORD = ir.IntType(64)


class LanesType(types.Type):
    """Compiled type of a vector of doubles."""

    def __init__(self) -> None:
        super().__init__(name="Lanes")


lanes_type = LanesType()


@register_model(LanesType)
class _LanesModel(models.PrimitiveModel):
    def __init__(self, manager, kind) -> None:
        super().__init__(manager, kind, _VECTOR)


def _pointer(builder, address, row):
    """Pointer to a row of lanes behind an address."""
    place = builder.add(address, builder.mul(row, _WORD(_ROW_BYTES)))
    return builder.inttoptr(place, _VECTOR.as_pointer())


def emit_load(builder, address, row):
    """Emit `load`."""
    return builder.load(_pointer(builder, address, row), align=8)


def emit_store(builder, address, row, lanes):
    """Emit `store`."""
    builder.store(lanes, _pointer(builder, address, row), align=8)


@intrinsic
def load(typingctx, address, row):
    """Lanes of one row."""

    def codegen(context, builder, signature, args):
        return emit_load(builder, *args)

    return lanes_type(types.int64, types.int64), codegen


@intrinsic
def store(typingctx, address, row, lanes):
    """Write the lanes of one row."""

    def codegen(context, builder, signature, args):
        emit_store(builder, *args)
        return context.get_dummy_value()

    return types.void(types.int64, types.int64, lanes_type), codegen


@intrinsic
def splat(typingctx, number):
    """All lanes equal to one number."""

    def codegen(context, builder, signature, args):
        one = builder.insert_element(_UNDEFINED, args[0], ir.Constant(ir.IntType(32), 0))
        return builder.shuffle_vector(one, _UNDEFINED, ir.Constant(ir.VectorType(ir.IntType(32), LANES), [0] * LANES))

    return lanes_type(types.float64), codegen


@intrinsic
def over(typingctx, x, y):
    """x / y in every lane."""

    def codegen(context, builder, signature, args):
        return builder.fdiv(*args)

    return lanes_type(lanes_type, lanes_type), codegen


@intrinsic
def times(typingctx, x, y):
    """x y in every lane."""

    def codegen(context, builder, signature, args):
        return builder.fmul(*args)

    return lanes_type(lanes_type, lanes_type), codegen


@intrinsic
def times_plus(typingctx, x, y, z):
    """x y + z in every lane, rounded once where the processor can."""

    def codegen(context, builder, signature, args):
        x, y, z = args
        return builder.fadd(builder.fmul(x, y, flags=("contract",)), z, flags=("contract",))

    return lanes_type(lanes_type, lanes_type, lanes_type), codegen


@intrinsic
def any_of(typingctx, x):
    """Whether any lane is not zero."""

    def codegen(context, builder, signature, args):
        differ = builder.fcmp_unordered("!=", args[0], ir.Constant(_VECTOR, [0.0] * LANES))
        bits = builder.bitcast(differ, ir.IntType(LANES))
        return builder.icmp_unsigned("!=", bits, ir.IntType(LANES)(0))

    return types.boolean(lanes_type), codegen


@njit
def _first_aligned(memory):
    """Index of the first number that stands at a multiple of a row's size."""
    return -(memory.ctypes.data // 8) % LANES


def empty(*shape: int) -> NDArray[np.float64]:
    """Array (*shape, LANES) whose rows of lanes stand at multiples of their size in memory."""
    size = math.prod(shape) * LANES
    memory = np.empty(size + LANES)
    first = _first_aligned(memory)
    return memory[first : first + size].reshape(*shape, LANES)


def padded(values: NDArray) -> NDArray:
    """(..., n) values as (..., blocks, LANES), the last one repeated to fill the last block."""
    n = values.shape[-1]
    filled = np.pad(values, [(0, 0)] * (values.ndim - 1) + [(0, -n % LANES)], mode="edge")
    return filled.reshape(*values.shape[:-1], -1, LANES)
