"""Complex series cross the border between Python and compiled code as their two parts."""

from typing import Any

from numba.core import cgutils
from numba.extending import NativeValue, box, typeof_impl, unbox

from tpsa.compiled_type import tps_type
from tpsa.complex_tps import ComplexTPS, complex_series
from tpsa.complex_type import ComplexTPSType, complex_type


@typeof_impl.register(ComplexTPS)
def _typeof(value, context):
    return complex_type


@unbox(ComplexTPSType)
def _unbox(typ: Any, obj: Any, c: Any):
    pair = cgutils.create_struct_proxy(complex_type)(c.context, c.builder)
    natives = []
    for name in ("real", "imag"):
        part = c.pyapi.object_getattr_string(obj, name)
        natives.append(c.unbox(tps_type, part))
        setattr(pair, name, natives[-1].value)
        c.pyapi.decref(part)

    def cleanup():
        for native in natives:
            native.cleanup()

    failed = c.builder.or_(*(native.is_error for native in natives))
    return NativeValue(pair._getvalue(), is_error=failed, cleanup=cleanup)


@box(ComplexTPSType)
def _box(typ: Any, value: Any, c: Any):
    pair = cgutils.create_struct_proxy(complex_type)(c.context, c.builder, value=value)
    parts = [c.box(tps_type, pair.real), c.box(tps_type, pair.imag)]
    function = c.pyapi.unserialize(c.pyapi.serialize_object(complex_series))
    result = c.pyapi.call_function_objargs(function, parts)
    for obj in (function, *parts):
        c.pyapi.decref(obj)
    return result
