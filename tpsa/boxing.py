"""Series cross the border between Python and compiled code: as arguments and results of users' compiled functions.

An argument is copied to a row of the thread's workspace of its descriptor. Temporaries live until the next outermost
call: arguments count up, their clean-up after the call counts down, and at zero the next call starts anew.
"""

from typing import Any

from llvmlite import ir
from numba.core import cgutils
from numba.extending import NativeValue, box, typeof_impl, unbox

from tpsa.base import Series
from tpsa.compiled_type import TPSType, tps_type
from tpsa.tps import TPS
from tpsa.workspace import enter_call, leave_call, workspace_at


@typeof_impl.register(TPS)
def _typeof(value, context):
    return tps_type


_typeof_list = typeof_impl.dispatch(list)


@typeof_impl.register(list)
def _typeof_list_without_series(value, context):
    """Refuse lists of series: numba does not say when items are no longer needed, so their slots would be lost."""
    if value and isinstance(value[0], Series):
        raise TypeError("compiled functions take several series in a tuple, got them in a list")
    return _typeof_list(value, context)


def _from_handle(address: int, row: int, scale: float, shift: float) -> TPS:
    """Python series of a compiled handle."""
    workspace = workspace_at(address)
    coefficients = scale * workspace.read_row(row)
    coefficients[0] += shift
    return TPS(workspace.descriptor, coefficients)


def _call_python(c: Any, function: Any, arguments: list) -> Any:
    """Emit a call of a Python function of ours on Python objects."""
    callee = c.pyapi.unserialize(c.pyapi.serialize_object(function))
    result = c.pyapi.call_function_objargs(callee, arguments)
    c.pyapi.decref(callee)
    return result


@unbox(TPSType)
def _unbox(typ, obj, c):
    word = ir.IntType(64)
    native = cgutils.create_struct_proxy(tps_type)(c.context, c.builder)
    native.scale, native.shift = ir.DoubleType()(1.0), ir.DoubleType()(0.0)
    native.row, native.context = word(0), word(0)
    entered = _call_python(c, enter_call, [obj])
    failed = cgutils.is_null(c.builder, entered)
    with cgutils.if_likely(c.builder, c.builder.not_(failed)):
        native.context = c.pyapi.long_as_longlong(c.pyapi.tuple_getitem(entered, 0))
        native.row = c.pyapi.long_as_longlong(c.pyapi.tuple_getitem(entered, 1))
        c.pyapi.decref(entered)

    def cleanup():
        address = c.pyapi.long_from_longlong(native.context)
        c.pyapi.decref(_call_python(c, leave_call, [address]))
        c.pyapi.decref(address)

    return NativeValue(native._getvalue(), is_error=failed, cleanup=cleanup)


@box(TPSType)
def _box(typ, value, c):
    native = cgutils.create_struct_proxy(tps_type)(c.context, c.builder, value=value)
    arguments = [
        c.pyapi.long_from_longlong(native.context),
        c.pyapi.long_from_longlong(native.row),
        c.pyapi.float_from_double(native.scale),
        c.pyapi.float_from_double(native.shift),
    ]
    result = _call_python(c, _from_handle, arguments)
    for argument in arguments:
        c.pyapi.decref(argument)
    return result
