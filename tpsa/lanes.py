"""Products of several series at once: coefficient i of LANES series side by side is one block of numbers.

A vector instruction then multiplies and adds one pair of monomials for all of them, whatever their target. Several
series are an array (coefficients, LANES) of aligned blocks in graded order; one series, an array (coefficients,), is
taken for LANES equal ones. `c` are the words of a plan.
"""

import numpy as np
from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

from tpsa.context import LANES, REAL, SIZE, WORD, degree_starts, splat
from tpsa.jit import njit
from tpsa.products import block_tables

BLOCK_BYTES = 8 * LANES
VECTOR = ir.VectorType(REAL, LANES)


def _load(context, builder, array_type, array, index):
    """Block of series, or the number of one series in all lanes."""
    data = context.make_array(array_type)(context, builder, array).data
    if array_type.ndim == 2:
        place = builder.bitcast(data, VECTOR.as_pointer())
        return builder.load(builder.gep(place, [index]), align=BLOCK_BYTES)
    return splat(builder, builder.load(builder.gep(data, [index])))


@intrinsic
def _scatter(typingctx, out, targets, shift, one, k, many, begin, end):
    """Blocks out[targets[shift + i]] += one[k] * many[i] for i from begin to end - 1; nothing where one[k] is zero."""

    def codegen(context, builder, signature, args):
        out, targets, shift, one, k, many, begin, end = args
        out_type, targets_type, _, one_type, _, many_type, _, _ = signature.args
        factor = _load(context, builder, one_type, one, k)
        different = builder.fcmp_unordered("!=", factor, ir.Constant(VECTOR, [0.0] * LANES))
        any_lane = builder.bitcast(different, ir.IntType(LANES))
        row = builder.gep(context.make_array(targets_type)(context, builder, targets).data, [shift])
        place = context.make_array(out_type)(context, builder, out).data
        place = builder.bitcast(place, VECTOR.as_pointer())
        with (
            builder.if_then(builder.icmp_unsigned("!=", any_lane, ir.IntType(LANES)(0))),
            cgutils.for_range_slice(builder, begin, end, WORD(1), inc=True) as (index, _),
        ):
            target = builder.zext(builder.load(builder.gep(row, [index])), WORD)
            product = builder.fmul(factor, _load(context, builder, many_type, many, index), flags=("contract",))
            block = builder.gep(place, [target])
            total = builder.fadd(builder.load(block, align=BLOCK_BYTES), product, flags=("contract",))
            builder.store(total, block, align=BLOCK_BYTES)
        return context.get_dummy_value()

    word = types.int64
    return types.void(out, targets, word, one, word, many, word, word), codegen


@intrinsic
def add_multiples(typingctx, blocks, to, at, numbers, shift, begin, end):
    """Blocks blocks[to + i] += blocks[at] * numbers[shift + i] for i from begin to end - 1; `numbers` is taken flat."""

    def codegen(context, builder, signature, args):
        blocks, to, at, numbers, shift, begin, end = args
        place = context.make_array(signature.args[0])(context, builder, blocks).data
        place = builder.bitcast(place, VECTOR.as_pointer())
        first = builder.gep(context.make_array(signature.args[3])(context, builder, numbers).data, [shift])
        factor = builder.load(builder.gep(place, [at]), align=BLOCK_BYTES)
        with cgutils.for_range_slice(builder, begin, end, WORD(1), inc=True) as (index, _):
            number = splat(builder, builder.load(builder.gep(first, [index])))
            block = builder.gep(place, [builder.add(to, index)])
            product = builder.fmul(factor, number, flags=("contract",))
            total = builder.fadd(builder.load(block, align=BLOCK_BYTES), product, flags=("contract",))
            builder.store(total, block, align=BLOCK_BYTES)
        return context.get_dummy_value()

    word = types.int64
    return types.void(blocks, word, word, numbers, word, word, word), codegen


@njit
def new_blocks(count):
    """`count` aligned blocks of undefined numbers, an array (count, LANES)."""
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
def add_product(c, targets, out, a, low_a, high_a, b, low_b, high_b, top):
    """Add degrees `low_a` to `high_a` of a times degrees `low_b` to `high_b` of b, up to degree `top`, to blocks.

    Of two factors, the one of lower degree is outside, so that few long loops remain.
    """
    starts = degree_starts(c)
    first, block_degree, segment_start, segments, row_start = block_tables(c)
    size, high_a, high_b = c[SIZE], min(high_a, top), min(high_b, top)
    k = 0
    while first[k] < size and block_degree[k] <= min(high_a, high_b) and 2 * block_degree[k] <= top:
        degree = block_degree[k]
        begin_b, end_b = starts[max(degree, low_b)], starts[min(top - degree, high_b) + 1]
        begin_a, end_a = starts[max(degree + 1, low_a)], starts[min(top - degree, high_a) + 1]
        for s in range(segment_start[k], segment_start[k + 1]):
            left, right, offset = segments[3 * s], segments[3 * s + 1], segments[3 * s + 2]
            begin, end = max(left, begin_b), min(right, end_b)
            if degree >= low_a and begin < end:
                for i in range(first[k], first[k + 1]):
                    _scatter(out, targets, row_start[i] + offset, a, i, b, begin, end)
            begin, end = max(left, begin_a), min(right, end_a)
            if degree >= low_b and begin < end:
                for j in range(first[k], first[k + 1]):
                    _scatter(out, targets, row_start[j] + offset, b, j, a, begin, end)
        k += 1
