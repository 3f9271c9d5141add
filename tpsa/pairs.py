"""Compiled code that takes complex series as pairs of real ones, for texts that serve real and complex series alike."""

import numpy as np
from numba import types
from numba.extending import overload

from tpsa.context import LANES
from tpsa.jit import njit


def parts(series):
    """Real and imaginary part of (n, size) coefficients, in compiled code only; real ones have (0, size) imaginary."""
    raise NotImplementedError


def interleaved(series):
    """Real rows of (n, size) coefficients, in compiled code only: of complex ones real, imaginary, real, ..."""
    raise NotImplementedError


def joined(rows, like):
    """Series whose `interleaved` rows these are, real or complex as the array `like`; in compiled code only."""
    raise NotImplementedError


@overload(parts)
def _parts(series):
    if isinstance(series.dtype, types.Complex):
        return lambda series: (series.real.copy(), series.imag.copy())
    return lambda series: (series, series[:0])


@overload(interleaved)
def _interleaved(series):
    if not isinstance(series.dtype, types.Complex):
        return lambda series: series

    def impl(series):
        rows = np.empty((2 * len(series), series.shape[1]))
        rows[0::2], rows[1::2] = series.real, series.imag
        return rows

    return impl


@overload(joined)
def _joined(rows, like):
    if isinstance(like.dtype, types.Complex):
        return lambda rows, like: rows[0::2] + 1j * rows[1::2]
    return lambda rows, like: rows


@njit
def turn(out, blocks, count):
    """First `count` blocks of interleaved rows, times the imaginary unit."""
    for i in range(count):
        for k in range(0, LANES, 2):
            out[i, k], out[i, k + 1] = -blocks[i, k + 1], blocks[i, k]
