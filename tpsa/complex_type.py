"""The compiled complex series: a pair of compiled real ones, passed by value."""

from numba import types
from numba.core import cgutils
from numba.extending import intrinsic, make_attribute_wrapper, models, overload, register_model

from tpsa import derived, gmath
from tpsa.compiled_type import constant_like, constant_part, is_number, tps_type


class ComplexTPSType(types.Type):
    """Type of a complex truncated power series in compiled code; `real` and `imag` are its parts."""

    def __init__(self) -> None:
        super().__init__("ComplexTPS")


complex_type = ComplexTPSType()


@register_model(ComplexTPSType)
class _PairModel(models.StructModel):
    def __init__(self, manager, fe_type):
        super().__init__(manager, fe_type, [("real", tps_type), ("imag", tps_type)])


make_attribute_wrapper(ComplexTPSType, "real", "real")
make_attribute_wrapper(ComplexTPSType, "imag", "imag")


@intrinsic
def complex_handle(typingctx, real, imag):
    """Complex series of two real ones."""

    def codegen(context, builder, signature, args):
        pair = cgutils.create_struct_proxy(complex_type)(context, builder)
        pair.real, pair.imag = args
        return pair._getvalue()

    return complex_type(tps_type, tps_type), codegen


def is_real(t: types.Type) -> bool:
    """Whether a compiled type is a real series or number."""
    return t is tps_type or is_number(t)


def meets_complex(*given: types.Type) -> bool:
    """Whether among series and numbers of these types there is a complex series, or a series and a complex number."""
    if not all(t is complex_type or is_real(t) or isinstance(t, types.Complex) for t in given):
        return False
    return complex_type in given or (tps_type in given and any(isinstance(t, types.Complex) for t in given))


@overload(derived.with_imag)
def _with_imag(x, y):
    if x is tps_type and y is tps_type:
        return lambda x, y: complex_handle(x, y)
    if x is tps_type and is_number(y):
        return lambda x, y: complex_handle(x, constant_like(x, float(y)))
    if is_number(x) and y is tps_type:
        return lambda x, y: complex_handle(constant_like(y, float(x)), y)


@overload(derived.with_value)
def _with_value(x, value):
    if x is complex_type:
        return lambda x, value: complex_handle(
            derived.with_value(x.real, value.real), derived.with_value(x.imag, value.imag)
        )


@overload(gmath.value)
def _value(x):
    if x is complex_type:
        return lambda x: complex(constant_part(x.real), constant_part(x.imag))
