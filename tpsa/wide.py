"""Many floats as one number of compiled code: arithmetic and comparisons in every lane, by vector instructions.

Code that is generic in its numbers becomes vectorised code, without a loop that a compiler has to see through. One
operation of `WIDTH` lanes is several instructions that do not wait for each other, while a chain of dependent
operations in one vector leaves most of a processor idle.
"""

import operator
from collections.abc import Callable
from typing import Any

from llvmlite import ir
from numba import types
from numba.core.registry import cpu_target
from numba.extending import intrinsic, models, overload, register_model

_, _, FEATURES = cpu_target.target_context.codegen().magic_tuple()
AVX512 = "+avx512f" in FEATURES.split(",")
WIDTH = 32 if AVX512 else 16  # four vectors, as many as registers allow
FLAGS = ("contract", "nsz")
REAL = (types.Float, types.Integer)
_DOUBLE, _SINGLE, _WORD, _INDEX = ir.DoubleType(), ir.FloatType(), ir.IntType(64), ir.IntType(32)
_EIGHT = ir.VectorType(_DOUBLE, 8)  # numbers in a vector of AVX-512


class Wide(types.Type):
    """Compiled type of WIDTH numbers side by side."""

    def __init__(self, kind: str, element: ir.Type) -> None:
        self.vector = ir.VectorType(element, WIDTH)
        super().__init__(name=f"Wide({kind}, {WIDTH})")


FLOATS = Wide("float", _DOUBLE)
INTEGERS = Wide("integer", _WORD)
TRUTHS = Wide("boolean", ir.IntType(1))


@register_model(Wide)
class _WideModel(models.PrimitiveModel):
    def __init__(self, manager: Any, wide: Wide) -> None:
        super().__init__(manager, wide, wide.vector)


def _lanes(first: int, count: int) -> ir.Constant:
    """Mask of a shuffle that takes lanes one after the other."""
    return ir.Constant(ir.VectorType(_INDEX, count), list(range(first, first + count)))


def _in_all_lanes(builder: ir.IRBuilder, vector: ir.VectorType, number: ir.Value) -> ir.Value:
    undefined = ir.Constant(vector, ir.Undefined)
    one = builder.insert_element(undefined, number, ir.Constant(_INDEX, 0))
    return builder.shuffle_vector(one, undefined, ir.Constant(ir.VectorType(_INDEX, WIDTH), [0] * WIDTH))


def _called(builder: ir.IRBuilder, name: str, *args: ir.Value) -> ir.Value:
    """LLVM's function `name` of vectors of one type, and of what else it takes."""
    kind = ir.FunctionType(args[0].type, [x.type for x in args])
    return builder.call(builder.module.declare_intrinsic(name, (), kind), args)


def _pointer(builder: ir.IRBuilder, address: ir.Value, place: ir.Value) -> ir.Value:
    """Of the lanes from item `place` on of the doubles at an address."""
    byte = builder.add(address, builder.shl(place, _WORD(3)))
    return builder.inttoptr(byte, FLOATS.vector.as_pointer())


@intrinsic
def load(typingctx, address, place):
    """Floats from item `place` on of those at an address."""

    def codegen(context, builder, signature, args):
        return builder.load(_pointer(builder, *args), align=8)

    return FLOATS(types.int64, types.int64), codegen


@intrinsic
def store(typingctx, address, place, values):
    """Write floats from item `place` on of those at an address."""

    def codegen(context, builder, signature, args):
        builder.store(args[2], _pointer(builder, args[0], args[1]), align=8)
        return context.get_dummy_value()

    return types.void(types.int64, types.int64, FLOATS), codegen


def _kind(a: types.Type, b: types.Type) -> Wide | None:
    """The wide type of an operation's operands, of which one may be a number; None if there is none."""
    for one, other in ((a, b), (b, a)):
        if isinstance(one, Wide) and (other == one or isinstance(other, REAL)):
            return one
    return None


def _operation(result: Callable[[Wide], Wide], emit: dict[Wide, Callable]) -> Callable:
    """Intrinsic that emits an operation of two wide numbers, or of one and a number in all lanes."""

    @intrinsic
    def operation(typingctx, a, b):
        kind = _kind(a, b)
        if kind not in emit:
            return None

        def codegen(context, builder, signature, args):
            scalar = types.float64 if kind is FLOATS else types.int64
            operands = [
                x if isinstance(given, Wide)
                else _in_all_lanes(builder, kind.vector, context.cast(builder, x, given, scalar))
                for x, given in zip(args, signature.args, strict=True)
            ]  # fmt: skip
            return emit[kind](builder, *operands)

        return result(kind)(a, b), codegen

    return operation


def _float(name: str) -> Callable:
    return lambda builder, a, b: getattr(builder, name)(a, b, flags=FLAGS)


def _integer(name: str) -> Callable:
    return lambda builder, a, b: getattr(builder, name)(a, b)


def _compared(symbol: str) -> Callable:
    return lambda builder, a, b: builder.fcmp_ordered(symbol, a, b)


_OPERATIONS = {
    operator.add: _operation(lambda kind: kind, {FLOATS: _float("fadd"), INTEGERS: _integer("add")}),
    operator.sub: _operation(lambda kind: kind, {FLOATS: _float("fsub")}),
    operator.mul: _operation(lambda kind: kind, {FLOATS: _float("fmul")}),
    operator.truediv: _operation(lambda kind: kind, {FLOATS: _float("fdiv")}),
    operator.and_: _operation(lambda kind: kind, {INTEGERS: _integer("and_")}),
    operator.lt: _operation(lambda kind: TRUTHS, {FLOATS: _compared("<")}),
    operator.le: _operation(lambda kind: TRUTHS, {FLOATS: _compared("<=")}),
    operator.gt: _operation(lambda kind: TRUTHS, {FLOATS: _compared(">")}),
    operator.ge: _operation(lambda kind: TRUTHS, {FLOATS: _compared(">=")}),
    operator.eq: _operation(
        lambda kind: TRUTHS,
        {FLOATS: _compared("=="), INTEGERS: lambda builder, a, b: builder.icmp_signed("==", a, b)},
    ),
}


def _overload_operator(function: Callable, operation: Callable) -> None:
    @overload(function)
    def implementation(a, b):
        if _kind(a, b) is not None:
            return lambda a, b: operation(a, b)


for _function, _emitted in _OPERATIONS.items():
    _overload_operator(_function, _emitted)


def _of_floats(emit: Callable) -> Callable:
    """Intrinsic of one wide number."""

    @intrinsic
    def function(typingctx, x):
        return FLOATS(FLOATS), lambda context, builder, signature, args: emit(builder, args[0])

    return function


_negated = _of_floats(lambda builder, x: builder.fneg(x, flags=FLAGS))
_absolute = _of_floats(lambda builder, x: _called(builder, f"llvm.fabs.v{WIDTH}f64", x))
root = _of_floats(lambda builder, x: _called(builder, f"llvm.sqrt.v{WIDTH}f64", x))


@overload(operator.neg)
def _negative(x):
    if x == FLOATS:
        return lambda x: _negated(x)


@overload(abs)
def _abs(x):
    if x == FLOATS:
        return lambda x: _absolute(x)


@intrinsic
def _chosen(typingctx, condition, a, b):
    def codegen(context, builder, signature, args):
        kinds = signature.args[1:]
        a, b = (
            x if isinstance(given, Wide) else _in_all_lanes(builder, FLOATS.vector, x)
            for x, given in zip(args[1:], kinds, strict=True)
        )
        return builder.select(args[0], a, b)

    a, b = (x if isinstance(x, Wide) else types.float64 for x in (a, b))
    return FLOATS(TRUTHS, a, b), codegen


def select(condition: bool, a: float, b: float) -> float:
    """`a` where `condition` holds, else `b`, of compiled numbers; both are evaluated."""
    return a if condition else b


@overload(select, jit_options={"forceinline": True})
def _select(condition, a, b):
    if condition == TRUTHS:
        return lambda condition, a, b: _chosen(condition, a, b)
    return lambda condition, a, b: a if condition else b


@intrinsic
def bits(typingctx, x):
    """The 64 bits of a float as an integer."""

    def codegen(context, builder, signature, args):
        return builder.bitcast(args[0], context.get_value_type(signature.return_type))

    return (INTEGERS(FLOATS) if x == FLOATS else types.int64(types.float64)), codegen


@intrinsic
def inverse_root_in_32_bits(typingctx, x):
    """1/sqrt(x) of a float or a wide one, computed in 32 bits."""

    def codegen(context, builder, signature, args):
        single, name, one = _SINGLE, "f32", 1.0
        if signature.return_type == FLOATS:
            single, name, one = ir.VectorType(_SINGLE, WIDTH), f"v{WIDTH}f32", [1.0] * WIDTH
        short = _called(builder, f"llvm.sqrt.{name}", builder.fptrunc(args[0], single))
        return builder.fpext(builder.fdiv(ir.Constant(single, one), short), args[0].type)

    return (FLOATS(FLOATS) if x == FLOATS else types.float64(types.float64)), codegen


def _rsqrt14(builder: ir.IRBuilder, x: ir.Value) -> ir.Value:
    rest, all_lanes = ir.Constant(_EIGHT, ir.Undefined), ir.Constant(ir.IntType(8), -1)
    parts = [
        _called(builder, "llvm.x86.avx512.rsqrt14.pd.512", builder.shuffle_vector(x, x, _lanes(k, 8)), rest, all_lanes)
        for k in range(0, WIDTH, 8)
    ]
    while len(parts) > 1:
        size = 2 * parts[0].type.count
        parts = [builder.shuffle_vector(*pair, _lanes(0, size)) for pair in zip(parts[::2], parts[1::2], strict=True)]
    return parts[0]


rsqrt14 = _of_floats(_rsqrt14)  # AVX-512's estimate of 1/sqrt(x), to 2^-14: infinite at 0, 0 at infinity, nan below 0
