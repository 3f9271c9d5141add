"""Elementary functions of compiled floats, and of `wide` ones, without branches or library calls.

Each is right to about one unit in the last place; arguments outside of a function's domain give nan.
"""

import math
from collections.abc import Callable

import numpy as np
from llvmlite import ir
from numba import types
from numba.extending import intrinsic

from tpsa.jit import njit
from tpsa.wide import AVX512, bits, inverse_root_in_32_bits, root, rsqrt14, select

ROUNDING = 1.5 * 2.0**52  # added to a number of less than 2^51, it leaves the nearest integer in the lowest bits
# pi/2 in three parts; 33 bits in the first two, so that their products with integers below 2^20 are exact
HALF_PI_HIGH, HALF_PI_MIDDLE, HALF_PI_LOW = 1.5707963267341256, 6.077100506303966e-11, 2.0222662487959506e-21
# Taylor coefficients of (sin(r) - r)/r^3 and (cos(r) - 1 + r^2/2)/r^4 in r^2
SINE = tuple((-1.0) ** (k + 1) / math.factorial(2 * k + 3) for k in range(8))
COSINE = tuple((-1.0) ** k / math.factorial(2 * k + 4) for k in range(8))
HALF_ROOT = math.sqrt(0.5)
LOGARITHM = tuple(1.0 / (2 * k + 3) for k in range(9))  # (atanh(s)/s - 1)/s^2 in s^2
LN2_HIGH, LN2_LOW = 0.693147180369123816490, 1.90821492927058770002e-10  # ln 2; 33 bits in the first
# (atan(q)/q - 1)/q^2 in q^2 from 0 to 1, interpolated at Chebyshev's points: error 3.4e-17
ARC_TANGENT = (
    -0.3333333333333333, 0.19999999999999554, -0.14285714285648404, 0.11111111107234799, -0.09090908969557403,
    0.07692305354678655, -0.06666636435777692, 0.05882074956371294, -0.05261265735709454, 0.04752086773576656,
    -0.04308119655330471, 0.03872640214042632, -0.033750132001619734, 0.027567942297344678, -0.020238706986393514,
    0.012756172907694298, -0.006575683344151699, 0.002622977891906089, -0.0007518472526973822, 0.0001368724853148122,
    -1.1832505417555692e-05,
)  # fmt: skip


@intrinsic
def _float(typingctx, bits):
    """The float of 64 bits."""

    def codegen(context, builder, signature, args):
        return builder.bitcast(args[0], ir.DoubleType())

    return types.float64(types.int64), codegen


@njit(forceinline=True)
def _estimate(x):
    """1/sqrt(x) in 32 bits: infinite at 0, 0 at infinity, nan below 0 and of numbers that 32 bits cannot hold."""
    y = inverse_root_in_32_bits(x)
    return select(abs(1.0 - (x * y) * y) > 1e-6, math.nan, y)


@njit(forceinline=True)
def _step_from_24_bits(error):
    """((1 - error)^(-1/2) - 1)/error, as far as an estimate that is right to 24 bits needs it."""
    return 0.5 + error * 0.375


@njit(forceinline=True)
def _step_from_14_bits(error):
    """((1 - error)^(-1/2) - 1)/error, as far as an estimate that is right to 14 bits needs it."""
    return 0.5 + error * (0.375 + error * (0.3125 + error * 0.2734375))


def _inverse_root(estimate: Callable, step: Callable) -> Callable:
    """1/sqrt(x) from an estimate and one step: half the time of a square root and a division in 64 bits."""

    @njit(forceinline=True)
    def rsqrt(x):
        y = estimate(x)
        error = 1.0 - (x * y) * y  # nan at 0 and infinity, where the estimate is right
        return select(error == error, y + (y * error) * step(error), y)

    return rsqrt


@njit(forceinline=True)
def _root_from_estimate(x):
    """Square root, half the time of the processor's; nan at infinity."""
    y = rsqrt14(x)
    s = x * y
    error = 1.0 - s * y
    return select(x == 0.0, x, s + (s * error) * _step_from_14_bits(error))


rsqrt = _inverse_root(_estimate, _step_from_24_bits)
wide_rsqrt = _inverse_root(rsqrt14, _step_from_14_bits) if AVX512 else rsqrt
wide_sqrt = _root_from_estimate if AVX512 else root


@njit(forceinline=True)
def _reduced(x):
    """x = quadrant pi/2 + r + tail with |r| <= pi/4: the quadrant (its two lowest bits count), r, tail."""
    shifted = x * (2.0 / math.pi) + ROUNDING
    n = shifted - ROUNDING
    high = (x - n * HALF_PI_HIGH) - n * HALF_PI_MIDDLE
    low = n * HALF_PI_LOW
    r = high - low
    return bits(shifted), r, (high - r) - low


@njit(forceinline=True)
def _sine_and_cosine(r, tail):
    """Of r + tail, |r| <= pi/4."""
    rr = r * r
    s, c = SINE, COSINE
    a = s[0] + rr * (s[1] + rr * (s[2] + rr * (s[3] + rr * (s[4] + rr * (s[5] + rr * (s[6] + rr * s[7]))))))
    b = c[0] + rr * (c[1] + rr * (c[2] + rr * (c[3] + rr * (c[4] + rr * (c[5] + rr * (c[6] + rr * c[7]))))))
    half = 0.5 * rr
    leading = 1.0 - half
    sine = r + (r * (rr * a) + tail * leading)
    return sine, leading + (((1.0 - leading) - half) + (rr * rr * b - r * tail))


@njit(forceinline=True)
def sin(x):
    """Sine; beyond |x| = 1e6 to one unit in the last place of x."""
    quadrant, r, tail = _reduced(x)
    sine, cosine = _sine_and_cosine(r, tail)
    value = select((quadrant & 1) == 1, cosine, sine)
    return select((quadrant & 2) == 2, -value, value)


@njit(forceinline=True)
def cos(x):
    """Cosine; beyond |x| = 1e6 to one unit in the last place of x."""
    quadrant, r, tail = _reduced(x)
    sine, cosine = _sine_and_cosine(r, tail)
    value = select((quadrant & 1) == 1, sine, cosine)
    return select(((quadrant + 1) & 2) == 2, -value, value)


@njit(forceinline=True)
def tan(x):
    """Tangent; beyond |x| = 1e6 to one unit in the last place of x."""
    quadrant, r, tail = _reduced(x)
    sine, cosine = _sine_and_cosine(r, tail)
    odd = (quadrant & 1) == 1
    return select(odd, -cosine, sine) / select(odd, sine, cosine)


@njit(forceinline=True)
def atanc(v):
    """atan(v)/v."""
    size = abs(v)
    far = size > 1.0
    q = select(far, 1.0 / size, size)
    t = q * q
    c = ARC_TANGENT
    tt = t * t
    fourth = tt * tt
    # four sums in powers of t^4: no operation waits for twenty others
    a0 = c[0] + fourth * (c[4] + fourth * (c[8] + fourth * (c[12] + fourth * (c[16] + fourth * c[20]))))
    a1 = c[1] + fourth * (c[5] + fourth * (c[9] + fourth * (c[13] + fourth * c[17])))
    a2 = c[2] + fourth * (c[6] + fourth * (c[10] + fourth * (c[14] + fourth * c[18])))
    a3 = c[3] + fourth * (c[7] + fourth * (c[11] + fourth * (c[15] + fourth * c[19])))
    near = 1.0 + t * ((a0 + t * a1) + tt * (a2 + t * a3))
    return select(far, q * (0.5 * math.pi - q * near), near)


@njit(forceinline=True)
def log(x):
    """Natural logarithm of a positive normal number."""
    shifted = bits(x) - bits(HALF_ROOT)
    exponent = shifted >> 52
    m = _float(bits(x) - (exponent << 52))  # x = 2^exponent m, sqrt(1/2) <= m < sqrt(2)
    s = (m - 1.0) / (m + 1.0)
    t = s * s
    c = LOGARITHM
    a = c[0] + t * (c[1] + t * (c[2] + t * (c[3] + t * (c[4] + t * (c[5] + t * (c[6] + t * (c[7] + t * c[8])))))))
    return np.float64(exponent) * LN2_HIGH + (2.0 * s + (2.0 * s * (t * a) + np.float64(exponent) * LN2_LOW))
