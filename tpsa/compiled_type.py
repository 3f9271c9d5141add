"""The compiled series: a handle passed by value, (row, context, scale, shift), that stands for scale * row + shift.

Products with and sums of numbers change scale and shift only. Operations on two series call a kernel, which bump
allocates the result's row in the workspace.
"""

from collections.abc import Callable
from typing import Any

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic, lower_builtin, make_attribute_wrapper, models, register_model, type_callable

from tpsa.compiled_gmath import REAL as REAL_TYPES
from tpsa.context import BINARY_KINDS, ERROR, FULL, NO_VARIABLE, REAL, UNARY_KINDS, WORD, emit_call, row, words
from tpsa.errors import DescriptorMismatchError, WorkspaceFullError
from tpsa.jit import njit


class TPSType(types.Type):
    """Type of a truncated power series in compiled code."""

    def __init__(self) -> None:
        super().__init__("TPS")


tps_type = TPSType()


@register_model(TPSType)
class _HandleModel(models.StructModel):
    def __init__(self, manager, fe_type):
        members = [("row", types.int64), ("context", types.int64), ("scale", types.float64), ("shift", types.float64)]
        super().__init__(manager, fe_type, members)


for _field in ("row", "context", "scale", "shift"):
    make_attribute_wrapper(TPSType, _field, "_" + _field)


@intrinsic
def handle(typingctx, row, context, scale, shift):
    """Handle of scale * row + shift."""

    def codegen(context, builder, signature, args):
        proxy = cgutils.create_struct_proxy(tps_type)(context, builder)
        proxy.row, proxy.context, proxy.scale, proxy.shift = args
        return proxy._getvalue()

    return tps_type(types.int64, types.int64, types.float64, types.float64), codegen


@intrinsic
def store_handles(typingctx, address, values):
    """Write a tuple of series and numbers as records (row, scale, shift); a number is row 0, which is zero."""
    if not isinstance(values, types.BaseTuple):
        return None
    members = list(values)
    if not all(m is tps_type or isinstance(m, REAL_TYPES) for m in members):
        return None

    def codegen(context, builder, signature, args):
        for i, member in enumerate(members):
            item = builder.extract_value(args[1], i)
            if member is tps_type:
                proxy = cgutils.create_struct_proxy(tps_type)(context, builder, value=item)
                record = (proxy.row, proxy.scale, proxy.shift)
            else:
                number = context.cast(builder, item, member, types.float64)
                record = (WORD(0), REAL(1.0), number)
            for j, part in enumerate(record):
                place = builder.add(args[0], WORD(8 * (3 * i + j)))
                builder.store(part, builder.inttoptr(place, part.type.as_pointer()))
        return context.get_dummy_value()

    return types.void(types.int64, values), codegen


@njit
def check(context):
    """Raise the error a kernel noted in the context, once."""
    c = words(context)
    code = c[ERROR]
    if code == 0:
        return
    c[ERROR] = 0
    if code == FULL:
        raise WorkspaceFullError(
            "the workspace of this compiled computation is full: use a Workspace of more slots, "
            "or free temporaries of long loops with tpsa.mark and tpsa.release"
        )
    if code == NO_VARIABLE:
        raise IndexError("derivative or integral: the descriptor has no variable or parameter of this number")
    raise DescriptorMismatchError(
        "series of different workspaces, so of different descriptors or threads, meet in one operation"
    )


def _raise(context):
    check(context)


class Emitter:
    """Emits operations on handles while a caller is compiled."""

    def __init__(self, context: Any, builder: ir.IRBuilder) -> None:
        self.context, self.builder = context, builder

    def number(self, value: ir.Value, number_type: types.Type) -> ir.Value:
        """A number of any real type as float64."""
        return self.context.cast(self.builder, value, types.unliteral(number_type), types.float64)

    def parts(self, a: ir.Value) -> list[ir.Value]:
        """Context, row, scale and shift of a handle, the order of kernels' arguments."""
        proxy = cgutils.create_struct_proxy(tps_type)(self.context, self.builder, value=a)
        return [proxy.context, proxy.row, proxy.scale, proxy.shift]

    def handle(self, context_address: ir.Value, row: ir.Value, scale: ir.Value, shift: ir.Value) -> ir.Value:
        """Handle of its parts."""
        proxy = cgutils.create_struct_proxy(tps_type)(self.context, self.builder)
        proxy.context, proxy.row, proxy.scale, proxy.shift = context_address, row, scale, shift
        return proxy._getvalue()

    def scaled(self, a: ir.Value, factor: ir.Value) -> ir.Value:
        """factor * a."""
        context_address, row, scale, shift = self.parts(a)
        return self.handle(
            context_address, row, self.builder.fmul(scale, factor), self.builder.fmul(shift, factor)
        )

    def shifted(self, a: ir.Value, number: ir.Value) -> ir.Value:
        """a + number."""
        context_address, row, scale, shift = self.parts(a)
        return self.handle(context_address, row, scale, self.builder.fadd(shift, number))

    def binary(self, kernel: int, a: ir.Value, b: ir.Value) -> ir.Value:
        """Result of a kernel on two series."""
        parts = self.parts(a)
        row = emit_call(self.builder, WORD(kernel), parts[0], BINARY_KINDS, parts + self.parts(b))
        return self._result(parts[0], row)

    def unary(self, kernel: int, a: ir.Value, parameter: ir.Value) -> ir.Value:
        """Result of a kernel on one series with a number."""
        parts = self.parts(a)
        row = emit_call(self.builder, WORD(kernel), parts[0], UNARY_KINDS, [*parts, parameter])
        return self._result(parts[0], row)

    def _result(self, context_address: ir.Value, row: ir.Value) -> ir.Value:
        """Handle of a kernel's result; raises where the kernel failed."""
        with cgutils.if_unlikely(self.builder, self.builder.icmp_unsigned("==", row, WORD(0))):
            self.context.compile_internal(self.builder, _raise, types.void(types.int64), [context_address])
        return self.handle(context_address, row, REAL(1.0), REAL(0.0))


def implement(function: Callable, *cases: tuple[tuple[type, ...], Callable]) -> None:
    """Let `function` work on series in compiled code.

    Each case is a tuple of argument classes and `emit(emitter, *values)`, which emits the operation and gives the
    result's handle; numbers come to it as float64.
    """

    def accepts(*given):
        return any(all(map(isinstance, given, classes)) for classes, _ in cases)

    @type_callable(function)
    def typing(context):
        if len(cases[0][0]) == 1:
            return lambda a: tps_type if accepts(a) else None
        return lambda a, b: tps_type if accepts(a, b) else None

    for classes, emit in cases:
        _lower(function, classes, emit)


def _lower(function: Callable, classes: tuple[type, ...], emit: Callable) -> None:
    """Register the code of one case of `implement`."""

    @lower_builtin(function, *classes)
    def lowering(context, builder, signature, args):
        emitter = Emitter(context, builder)
        values = [v if t is tps_type else emitter.number(v, t) for v, t in zip(args, signature.args, strict=True)]
        return emit(emitter, *values)


@njit
def constant_part(a):
    """Constant part of a series."""
    return a._scale * row(words(a._context), a._row)[0] + a._shift


@njit
def constant_like(a, number):
    """A number as a series in the workspace of `a`."""
    return handle(0, a._context, 1.0, number)


def is_number(t: types.Type) -> bool:
    """Whether a compiled type is a real number."""
    return isinstance(t, REAL_TYPES)
