"""Elementary functions of compiled floats without branches or library calls, so that loops over them are vectorised.

Each is right to about one unit in the last place; arguments outside of a function's domain give nan.
"""

import math

import numpy as np
from llvmlite import ir
from numba import types
from numba.extending import intrinsic

from tpsa.jit import njit

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
def _bits(typingctx, x):
    """The 64 bits of a float as an integer."""

    def codegen(context, builder, signature, args):
        return builder.bitcast(args[0], ir.IntType(64))

    return types.int64(types.float64), codegen


@intrinsic
def _float(typingctx, bits):
    """The float of 64 bits."""

    def codegen(context, builder, signature, args):
        return builder.bitcast(args[0], ir.DoubleType())

    return types.float64(types.int64), codegen


@njit(forceinline=True)
def rsqrt(x):
    """1/sqrt(x): an estimate in 32 bits, then one step of third order; infinite at 0, nan below.

    Half the time of a square root and a division in 64 bits. Nan too beyond the range of 32 bits, 1e-37 to 1e38.
    """
    estimate = np.float64(np.float32(1.0) / math.sqrt(np.float32(x)))
    error = 1.0 - (x * estimate) * estimate
    better = estimate + (estimate * error) * (0.5 + 0.375 * error)
    at_limit = estimate if error != error else math.nan  # 0, infinity and nan have no error
    return better if abs(error) < 1e-6 else at_limit


@njit(forceinline=True)
def _reduced(x):
    """x = quadrant pi/2 + r + tail with |r| <= pi/4: the quadrant (its two lowest bits count), r, tail."""
    shifted = x * (2.0 / math.pi) + ROUNDING
    n = shifted - ROUNDING
    high = (x - n * HALF_PI_HIGH) - n * HALF_PI_MIDDLE
    low = n * HALF_PI_LOW
    r = high - low
    return _bits(shifted), r, (high - r) - low


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
    value = cosine if quadrant & 1 else sine
    return -value if quadrant & 2 else value


@njit(forceinline=True)
def cos(x):
    """Cosine; beyond |x| = 1e6 to one unit in the last place of x."""
    quadrant, r, tail = _reduced(x)
    sine, cosine = _sine_and_cosine(r, tail)
    value = sine if quadrant & 1 else cosine
    return -value if (quadrant + 1) & 2 else value


@njit(forceinline=True)
def tan(x):
    """Tangent; beyond |x| = 1e6 to one unit in the last place of x."""
    quadrant, r, tail = _reduced(x)
    sine, cosine = _sine_and_cosine(r, tail)
    return -cosine / sine if quadrant & 1 else sine / cosine


@njit(forceinline=True)
def atanc(v):
    """atan(v)/v."""
    size = abs(v)
    far = size > 1.0
    q = 1.0 / size if far else size
    t = q * q
    c = ARC_TANGENT
    p = c[20]
    p = c[17] + t * (c[18] + t * (c[19] + t * p))
    p = c[14] + t * (c[15] + t * (c[16] + t * p))
    p = c[11] + t * (c[12] + t * (c[13] + t * p))
    p = c[8] + t * (c[9] + t * (c[10] + t * p))
    p = c[5] + t * (c[6] + t * (c[7] + t * p))
    p = c[2] + t * (c[3] + t * (c[4] + t * p))
    near = 1.0 + t * (c[0] + t * (c[1] + t * p))
    return q * (0.5 * math.pi - q * near) if far else near


@njit(forceinline=True)
def log(x):
    """Natural logarithm of a positive normal number."""
    shifted = _bits(x) - _bits(HALF_ROOT)
    exponent = shifted >> 52
    m = _float(_bits(x) - (exponent << 52))  # x = 2^exponent m, sqrt(1/2) <= m < sqrt(2)
    s = (m - 1.0) / (m + 1.0)
    t = s * s
    c = LOGARITHM
    a = c[0] + t * (c[1] + t * (c[2] + t * (c[3] + t * (c[4] + t * (c[5] + t * (c[6] + t * (c[7] + t * c[8])))))))
    return np.float64(exponent) * LN2_HIGH + (2.0 * s + (2.0 * s * (t * a) + np.float64(exponent) * LN2_LOW))
