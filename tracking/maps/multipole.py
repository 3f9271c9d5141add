"""Kicks of straight multipole fields: By + i Bx = (p0/q) sum (kn + i ksn)(x + iy)^n/n!, px -= By L, py += Bx L."""

from numba.extending import register_jitable


@register_jitable(forceinline=True)
def quadrupole_kick(z, k1l):
    """Normal quadrupole kick of integrated strength k1l [1/m]."""
    x, px, y, py, zeta, pzeta = z
    return x, px - k1l * x, y, py + k1l * y, zeta, pzeta


@register_jitable(forceinline=True)
def skew_quadrupole_kick(z, k1sl):
    """Skew quadrupole kick of integrated strength k1sl [1/m]."""
    x, px, y, py, zeta, pzeta = z
    return x, px + k1sl * y, y, py + k1sl * x, zeta, pzeta


@register_jitable(forceinline=True)
def sextupole_kick(z, k2l):
    """Normal sextupole kick of integrated strength k2l [1/m^2]."""
    x, px, y, py, zeta, pzeta = z
    return x, px - (0.5 * k2l) * (x * x - y * y), y, py + k2l * (x * y), zeta, pzeta


@register_jitable(forceinline=True)
def octupole_kick(z, k3l):
    """Normal octupole kick of integrated strength k3l [1/m^3]."""
    x, px, y, py, zeta, pzeta = z
    xx = x * x
    yy = y * y
    k = k3l / 6.0
    return x, px - k * (x * (xx - 3.0 * yy)), y, py - k * (y * (yy - 3.0 * xx)), zeta, pzeta


@register_jitable(forceinline=True)
def multipole_kick(z, strengths):
    """Kick of a multipole of any order.

    strengths: kn L/n! and ksn L/n! [1/m^n] in turn, highest order first: normal n, skew n, normal n-1, ..., skew 0.
    """
    x, px, y, py, zeta, pzeta = z
    bx, by = multipole_field(x, y, strengths, 0)
    return x, px - by, y, py + bx, zeta, pzeta


@register_jitable(forceinline=True)
def multipole_field(x, y, strengths, first):
    """Bx and By at (x, y), with `strengths` from index `first` on as for `multipole_kick`."""
    by = 0.0 * x + strengths[first]
    bx = 0.0 * x + strengths[first + 1]
    for i in range(first + 2, len(strengths), 2):
        by, bx = by * x - bx * y + strengths[i], by * y + bx * x + strengths[i + 1]
    return bx, by
