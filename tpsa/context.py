"""The memory behind compiled series: a context of 64 bit words, rows of coefficients, and the way to a kernel.

A context describes one workspace: where its rows and its descriptor's tables lie and which slots are in use. Row 0 is
zero for ever; rows 1 to `slots` hold series; a few more are scratch of kernels. A permutation maps logical slots to
rows, so that results are renamed instead of copied. `degrees[row]` is the highest degree present: coefficients above
it are undefined and never read. Kernels are called through addresses kept in the context: they are compiled once
and no caller carries a copy. A kernel that fails notes the error in the context and returns row 0; its caller raises it
(`compiled_type.check`).
"""

import numpy as np
from llvmlite import ir
from numba import carray, types
from numba.core import cgutils
from numba.extending import intrinsic

from tpsa.jit import njit

LANES = 8
SCRATCH_ROWS = 4
MAX_RESULTS = 4096

(
    ROWS, STRIDE, ORDER, DEGREE_STARTS, BLOCK_STARTS, BLOCK_DEGREES, SEGMENT_STARTS, SEGMENTS, ROW_STARTS, TARGETS,
    PERMUTATION, POSITIONS, DEGREES, NEXT, SLOTS, PERSISTENT, CALLS, ERROR, HANDLES, SIZE, EXPONENTS, WIDTH,
    VARIABLES, WALK, SLOPES, SLOPE_STARTS,
    KERNELS,
) = range(27)  # fmt: skip
(
    MULTIPLY, ADD, POWER, INTEGER_POWER, EXPONENTIAL, LOGARITHM, CIRCULAR, TANGENT, INVERSE_CIRCULAR,
    STUMPFF, SETTLE, RELEASE, ATANC, DIVIDE, PRODUCT, ADVANCE, DERIVATIVE, INTEGRAL,
    SINCOS,
) = range(19)  # fmt: skip
WORDS = KERNELS + 19

FULL, MISMATCH, NO_VARIABLE = 1, 2, 3


@intrinsic
def pointer(typingctx, address):
    """Untyped pointer to an address."""

    def codegen(context, builder, signature, args):
        return builder.inttoptr(args[0], cgutils.voidptr_t)

    return types.voidptr(types.int64), codegen


@njit
def words(address):
    """The context's words."""
    return carray(pointer(address), WORDS, np.int64)


@njit
def integers(address, length):
    """Array of int64 at an address."""
    return carray(pointer(address), length, np.int64)


@njit
def row(c, slot):
    """Coefficients of a row."""
    return carray(pointer(row_address(c, slot)), c[STRIDE], np.float64)


@njit
def row_address(c, slot):
    """Address of a row's first coefficient."""
    return c[ROWS] + 8 * slot * c[STRIDE]


@njit
def scratch(c, k):
    """Number of the k-th scratch row."""
    return c[SLOTS] + 1 + k


@njit
def degree_starts(c):
    """First monomial of each degree, then the size."""
    return integers(c[DEGREE_STARTS], c[ORDER] + 2)


@njit
def degrees(c):
    """Highest degree present in each row."""
    return integers(c[DEGREES], c[SLOTS] + 1 + SCRATCH_ROWS)


@njit
def new_row(c):
    """Row of a new temporary; 0, and the error noted, where none is left."""
    k = c[NEXT]
    if k >= c[SLOTS]:
        c[ERROR] = FULL
        return np.int64(0)
    c[NEXT] = k + 1
    return integers(c[PERMUTATION], c[SLOTS])[k]


def emit_call(builder, kernel, context_address, argument_types, args):
    """Emit a call of the kernel of this number through its address in the context."""
    entry = builder.add(context_address, builder.shl(builder.add(kernel, WORD(KERNELS)), WORD(3)))
    address = builder.load(builder.inttoptr(entry, WORD.as_pointer()))
    function_type = ir.FunctionType(WORD, argument_types)
    return builder.call(builder.inttoptr(address, function_type.as_pointer()), args)


WORD, REAL = ir.IntType(64), ir.DoubleType()
BINARY_KINDS = [WORD, WORD, REAL, REAL] * 2
UNARY_KINDS = [WORD, WORD, REAL, REAL, REAL]
_HANDLE = (types.int64, types.int64, types.float64, types.float64)
BINARY_SIGNATURE = types.int64(*_HANDLE, *_HANDLE)
UNARY_SIGNATURE = types.int64(*_HANDLE, types.float64)
PRODUCT_SIGNATURE = types.int64(types.int64, types.int64, *_HANDLE[1:], *_HANDLE[1:], types.int64)
ADVANCE_SIGNATURE = types.int64(*[types.int64] * 6, types.float64, types.float64)


@intrinsic
def call_binary(typingctx, kernel, context_a, row_a, scale_a, shift_a, context_b, row_b, scale_b, shift_b):
    """Row of the result of a kernel on two series."""

    def codegen(context, builder, signature, args):
        return emit_call(builder, args[0], args[1], BINARY_KINDS, args[1:])

    return types.int64(types.int64, *_HANDLE, *_HANDLE), codegen


@intrinsic
def call_unary(typingctx, kernel, context, row, scale, shift, parameter):
    """Row of the result of a kernel on one series with a number."""

    def codegen(context, builder, signature, args):
        return emit_call(builder, args[0], args[1], UNARY_KINDS, args[1:])

    return types.int64(types.int64, *_HANDLE, types.float64), codegen


@intrinsic
def call_product(typingctx, context, out, a, scale_a, shift_a, b, scale_b, shift_b, limit):
    """Call the kernel PRODUCT: row out = product of two series up to degree `limit`."""

    def codegen(context, builder, signature, args):
        kinds = [WORD, WORD, WORD, REAL, REAL, WORD, REAL, REAL, WORD]
        return emit_call(builder, WORD(PRODUCT), args[0], kinds, args)

    return PRODUCT_SIGNATURE, codegen


@intrinsic
def call_advance(typingctx, context, out, x, y, k, limit, of_x, of_y):
    """Call the kernel ADVANCE, one step of a graded recursion: see `products.advance_kernel`."""

    def codegen(context, builder, signature, args):
        return emit_call(builder, WORD(ADVANCE), args[0], [WORD] * 6 + [REAL] * 2, args)

    return ADVANCE_SIGNATURE, codegen


def _lanes(builder, base, index):
    """Pointer to the block of LANES numbers at a word index of the row at address `base`."""
    address = builder.add(base, builder.shl(index, WORD(3)))
    return builder.inttoptr(address, ir.VectorType(REAL, LANES).as_pointer())


def splat(builder, number):
    """All lanes equal to one number."""
    lane_type = ir.VectorType(number.type, LANES)
    one = builder.insert_element(ir.Constant(lane_type, ir.Undefined), number, ir.Constant(ir.IntType(32), 0))
    mask = ir.Constant(ir.VectorType(ir.IntType(32), LANES), [0] * LANES)
    return builder.shuffle_vector(one, ir.Constant(lane_type, ir.Undefined), mask)


@intrinsic
def combine_rows(typingctx, out, a, scale_a, b, scale_b, count):
    """out[:count] = scale_a a + scale_b b on rows given by address, `count` rounded up to whole blocks of lanes."""

    def codegen(context, builder, signature, args):
        out, a, scale_a, b, scale_b, count = args
        scale_a, scale_b = splat(builder, scale_a), splat(builder, scale_b)
        step = WORD(LANES)
        with cgutils.for_range_slice(builder, WORD(0), count, step, inc=True) as (index, _):
            scaled = builder.fmul(scale_a, builder.load(_lanes(builder, a, index), align=64))
            other = builder.fmul(scale_b, builder.load(_lanes(builder, b, index), align=64), flags=("contract",))
            total = builder.fadd(scaled, other, flags=("contract",))
            builder.store(total, _lanes(builder, out, index), align=64)
        return context.get_dummy_value()

    real, word = types.float64, types.int64
    return types.void(word, word, real, word, real, word), codegen
