"""Products of one series with several: coefficient i of LANES series side by side is one block of numbers.

A vector instruction then multiplies and adds one pair of monomials for all of them, whatever their target. Blocks lie
one after the other in graded order from an aligned address. `c` are the words of a context that has the tables.
"""

import numpy as np
from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

from tpsa.context import LANES, REAL, SIZE, WORD, degree_starts
from tpsa.jit import njit
from tpsa.products import block_tables

BLOCK_BYTES = 8 * LANES


def _block(builder, base, index):
    """Pointer to a block of lanes."""
    address = builder.add(base, builder.mul(index, WORD(BLOCK_BYTES)))
    return builder.inttoptr(address, ir.VectorType(REAL, LANES).as_pointer())


def _splat(builder, number):
    """All lanes equal to one number."""
    lane_type = ir.VectorType(REAL, LANES)
    one = builder.insert_element(ir.Constant(lane_type, ir.Undefined), number, ir.Constant(ir.IntType(32), 0))
    mask = ir.Constant(ir.VectorType(ir.IntType(32), LANES), [0] * LANES)
    return builder.shuffle_vector(one, ir.Constant(lane_type, ir.Undefined), mask)


def _add_to_block(builder, pointer, factor, block):
    """Add factor * block to the block at a pointer."""
    product = builder.fmul(factor, block, flags=("contract",))
    total = builder.fadd(builder.load(pointer, align=BLOCK_BYTES), product, flags=("contract",))
    builder.store(total, pointer, align=BLOCK_BYTES)


def _item(context, builder, array_type, array, index):
    """Item of a one-dimensional contiguous array."""
    data = context.make_array(array_type)(context, builder, array).data
    return builder.load(builder.gep(data, [index]))


@intrinsic
def scatter_blocks(typingctx, out, targets, x, factor, begin, end):
    """Block targets[i] of `out` += factor * block i of `x` for i from begin to end - 1."""

    def codegen(context, builder, signature, args):
        out, targets, x, factor, begin, end = args
        factor = _splat(builder, factor)
        with cgutils.for_range_slice(builder, begin, end, WORD(1), inc=True) as (index, _):
            target = builder.zext(_item(context, builder, signature.args[1], targets, index), WORD)
            block = builder.load(_block(builder, x, index), align=BLOCK_BYTES)
            _add_to_block(builder, _block(builder, out, target), factor, block)
        return context.get_dummy_value()

    word = types.int64
    return types.void(word, targets, word, types.float64, word, word), codegen


@intrinsic
def scatter_factors(typingctx, out, targets, factors, x, begin, end):
    """Block targets[i] of `out` += factors[i] * (the one block at `x`) for i from begin to end - 1."""

    def codegen(context, builder, signature, args):
        out, targets, factors, x, begin, end = args
        block = builder.load(_block(builder, x, WORD(0)), align=BLOCK_BYTES)
        with cgutils.for_range_slice(builder, begin, end, WORD(1), inc=True) as (index, _):
            target = builder.zext(_item(context, builder, signature.args[1], targets, index), WORD)
            factor = _splat(builder, _item(context, builder, signature.args[2], factors, index))
            _add_to_block(builder, _block(builder, out, target), factor, block)
        return context.get_dummy_value()

    word = types.int64
    return types.void(word, targets, factors, word, word, word), codegen


@njit
def new_blocks(count):
    """`count` aligned blocks of undefined numbers, as an array of (count, LANES)."""
    raw = np.empty((count + 1) * LANES)
    skip = (-raw.ctypes.data % BLOCK_BYTES) // 8
    return raw[skip : skip + count * LANES].reshape(count, LANES)


@njit
def fill_blocks(blocks, series, end):
    """Set the first `end` blocks to at most LANES series, (n, size) coefficients, and to zero beyond them."""
    for i in range(end):
        blocks[i] = 0.0
        for k in range(len(series)):
            blocks[i, k] = series[k, i]


@njit
def add_product(c, targets, out, a, low, high, b, most, top):
    """Add degrees `low` to `high` of series a times degrees 0 to `most` of several series b, up to degree `top`.

    `out` and `b` are addresses of blocks, `a` is an array of coefficients. Of two factors, the one of lower degree is
    outside, so that few long loops remain.
    """
    starts = degree_starts(c)
    first, block_degree, segment_start, segments, row_start = block_tables(c)
    size, high, most = c[SIZE], min(high, top), min(most, top)
    k = 0
    while first[k] < size and block_degree[k] <= min(high, most) and 2 * block_degree[k] <= top:
        degree = block_degree[k]
        own = starts[degree]
        ends_b = starts[min(top - degree, most) + 1] if degree >= low else own
        begin_a, ends_a = starts[max(degree + 1, low)], starts[max(min(top - degree, high), degree) + 1]
        for s in range(segment_start[k], segment_start[k + 1]):
            left, right, offset = segments[3 * s], segments[3 * s + 1], segments[3 * s + 2]
            begin, end = max(left, own), min(right, ends_b)
            if begin < end:
                for i in range(first[k], first[k + 1]):
                    if a[i] != 0.0:
                        scatter_blocks(out, targets[row_start[i] + offset :], b, a[i], begin, end)
            begin, end = max(left, begin_a), min(right, ends_a)
            if begin < end:
                for j in range(first[k], first[k + 1]):
                    scatter_factors(out, targets[row_start[j] + offset :], a, b + BLOCK_BYTES * j, begin, end)
        k += 1
