"""The compiled series: a handle passed by value, (row, context, scale, shift), that stands for scale * row + shift.

Products with and sums of numbers change scale and shift only. Operations on two series call a kernel, which bump
allocates the result's row in the workspace.
"""

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic, make_attribute_wrapper, models, register_model

from tpsa.compiled_gmath import REAL
from tpsa.context import FULL, call_binary, call_unary, row, words
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
    if not all(m is tps_type or isinstance(m, REAL) for m in members):
        return None

    def codegen(context, builder, signature, args):
        word, real = ir.IntType(64), ir.DoubleType()
        for i, member in enumerate(members):
            item = builder.extract_value(args[1], i)
            if member is tps_type:
                proxy = cgutils.create_struct_proxy(tps_type)(context, builder, value=item)
                record = (proxy.row, proxy.scale, proxy.shift)
            else:
                number = context.cast(builder, item, member, types.float64)
                record = (ir.Constant(word, 0), ir.Constant(real, 1.0), number)
            for j, part in enumerate(record):
                place = builder.add(args[0], ir.Constant(word, 8 * (3 * i + j)))
                builder.store(part, builder.inttoptr(place, part.type.as_pointer()))
        return context.get_dummy_value()

    return types.void(types.int64, values), codegen


@njit
def fail(code):
    """Raise the error of a kernel's negative code."""
    if code == FULL:
        raise WorkspaceFullError(
            "the workspace of this compiled computation is full: use a Workspace of more slots, "
            "or free temporaries of long loops with tpsa.mark and tpsa.release"
        )
    raise DescriptorMismatchError(
        "series of different workspaces, so of different descriptors or threads, meet in one operation"
    )


@njit
def apply_binary(kernel, a, b):
    """Result of a kernel on two series."""
    row = call_binary(kernel, a._context, a._row, a._scale, a._shift, b._context, b._row, b._scale, b._shift)
    if row < 0:
        fail(row)
    return handle(row, a._context, 1.0, 0.0)


@njit
def apply_unary(kernel, a, parameter):
    """Result of a kernel on one series with a number."""
    row = call_unary(kernel, a._context, a._row, a._scale, a._shift, parameter)
    if row < 0:
        fail(row)
    return handle(row, a._context, 1.0, 0.0)


@njit
def scaled(a, factor):
    """factor * a."""
    return handle(a._row, a._context, a._scale * factor, a._shift * factor)


@njit
def shifted(a, number):
    """a + number."""
    return handle(a._row, a._context, a._scale, a._shift + number)


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
    return isinstance(t, REAL)
