"""Addresses of the compiled kernels, in the order of their numbers in `tpsa.context`."""

from functools import cache
from typing import Any

import numpy as np

from tpsa import context, differentiation, horner, lifetime, products, series, sums
from tpsa.context import ADVANCE_SIGNATURE, BINARY_SIGNATURE, PRODUCT_SIGNATURE, UNARY_SIGNATURE
from tpsa.jit import compile_callback

KERNELS = {
    context.ADD: (sums.add, BINARY_SIGNATURE),
    context.POWER: (series.power, UNARY_SIGNATURE),
    context.INTEGER_POWER: (series.integer_power, UNARY_SIGNATURE),
    context.EXPONENTIAL: (series.exponential, UNARY_SIGNATURE),
    context.LOGARITHM: (series.logarithm, UNARY_SIGNATURE),
    context.CIRCULAR: (series.circular, UNARY_SIGNATURE),
    context.TANGENT: (series.tangent, UNARY_SIGNATURE),
    context.INVERSE_CIRCULAR: (series.inverse_circular, UNARY_SIGNATURE),
    context.STUMPFF: (horner.stumpff, UNARY_SIGNATURE),
    context.SETTLE: (lifetime.settle, UNARY_SIGNATURE),
    context.RELEASE: (lifetime.release, UNARY_SIGNATURE),
    context.ATANC: (horner.atanc, UNARY_SIGNATURE),
    context.SINCOS: (series.sine_and_cosine, UNARY_SIGNATURE),
    context.DIVIDE: (series.divide, BINARY_SIGNATURE),
}


@cache
def _callback(number: int) -> Any:
    return compile_callback(*KERNELS[number])


@cache
def _table_callbacks(index_type: type) -> dict[int, Any]:
    return {
        context.MULTIPLY: compile_callback(products.multiply_kernel(index_type), BINARY_SIGNATURE),
        context.PRODUCT: compile_callback(products.product_kernel(index_type), PRODUCT_SIGNATURE),
        context.DERIVATIVE: compile_callback(differentiation.derivative_kernel(index_type), UNARY_SIGNATURE),
        context.INTEGRAL: compile_callback(differentiation.integral_kernel(index_type), UNARY_SIGNATURE),
        context.ADVANCE: compile_callback(products.advance_kernel(index_type), ADVANCE_SIGNATURE),
    }


def kernel_addresses(index_type: np.dtype) -> list[int]:
    """Addresses of all kernels by number, for a product table of this integer type.

    They are compiled, or loaded from the cache, when first asked for.
    """
    callbacks = {number: _callback(number) for number in KERNELS} | _table_callbacks(index_type.type)
    return [callbacks[number].address for number in sorted(callbacks)]
