"""Addresses of the compiled kernels, in the order of their numbers in `tpsa.context`."""

from functools import cache

from numba import types

from tpsa import context, lifetime, products, series
from tpsa.jit import compile_callback

_HANDLE = (types.int64, types.int64, types.float64, types.float64)
_BINARY = types.int64(*_HANDLE, *_HANDLE)
_UNARY = types.int64(*_HANDLE, types.float64)

KERNELS = {
    context.MULTIPLY: (products.multiply, _BINARY),
    context.ADD: (products.add, _BINARY),
    context.MATERIALISE: (products.materialise, _UNARY),
    context.POWER: (series.power, _UNARY),
    context.INTEGER_POWER: (series.integer_power, _UNARY),
    context.EXPONENTIAL: (series.exponential, _UNARY),
    context.LOGARITHM: (series.logarithm, _UNARY),
    context.CIRCULAR: (series.circular, _UNARY),
    context.TANGENT: (series.tangent, _UNARY),
    context.INVERSE_CIRCULAR: (series.inverse_circular, _UNARY),
    context.STUMPFF: (series.stumpff, _UNARY),
    context.SETTLE: (lifetime.settle, _UNARY),
    context.RELEASE: (lifetime.release, _UNARY),
    context.ATANC: (series.atanc, _UNARY),
}


@cache
def _callbacks() -> tuple:
    return tuple(compile_callback(*KERNELS[k]) for k in sorted(KERNELS))


def kernel_addresses() -> list[int]:
    """Addresses of all kernels by number; compiled, or loaded from the cache, at the first call."""
    return [callback.address for callback in _callbacks()]
