"""Synchrotron radiation in a slice of field: the mean loss, and the photons that a particle is expected to emit.

A particle in a field of component b across its direction (q B/p0, in 1/m) emits, along a path l, photons of mean number
n = p[0] b l whose critical momentum is c = p[1] P^2 b in units of p0, P = 1 + delta. Their mean momentum is
8/(15 sqrt 3) c, their mean square 11/27 c^2. The kinetic momentum shrinks along its direction. Every row begins with

    p[0] = 5/(2 sqrt 3) Z^2 alpha beta0 gamma0,  p[1] = 3/2 hbar/(m c) (beta0 gamma0)^2,  p[2] = 1/(beta0 gamma0)^2.

n and c together give the classical loss per path, dE/dl = 2/3 r0 m c^2 beta^3 gamma^4 (b/P)^2, for any velocity, and
the mean square of the energy's fluctuation, 55/(24 sqrt 3) r0 (hbar/m c) gamma0^5 P^4 b^3 l, for fast particles.

Sources: M. Sands, SLAC-121 (1970), part V; J. D. Jackson, Classical Electrodynamics, chapter 14; K. Ohmi, K. Hirata and
K. Oide, Phys. Rev. E 49 (1994) 751.
"""

from math import sqrt as root

from numba.extending import register_jitable

from tpsa.gmath import rsqrt, sqrt
from tracking.maps.curved import curved_sextupole_kick, potential_slopes
from tracking.maps.multipole import multipole_field
from tracking.maps.wiggler import gauges, oscillation

MEAN = 8.0 / (15.0 * root(3.0))  # mean photon momentum over the critical one
MEAN_SQUARE = 11.0 / 27.0


@register_jitable(forceinline=True)
def multipole_source(z, p):
    """Straight multipoles p[6:], laid out as for `multipole_kick` [1/m^(n+1)], and a longitudinal field p[5] [1/m].

    The slice is p[3] + p[4] x [m] long: ds and h ds.
    """
    x, px, y, py, zeta, pzeta = z
    half = 0.5 * p[5]
    bx, by = multipole_field(x, y, p, 6)
    return px + half * y, py - half * x, bx, by, p[5], p[3] + p[4] * x


@register_jitable(forceinline=True)
def combined_source(z, p):
    """Field p[5] [1/m] of a bend of curvature p[4] [1/m] with k1 = p[6] and k2 = p[7] in its frame, from their kick.

    The slice is p[3] (1 + p[4] x) [m] long.
    """
    x, px, y, py, zeta, pzeta = z
    b = 1.0 + p[4] * x
    r = 1.0 / b
    _, dpx, _, dpy, _, _ = curved_sextupole_kick((x, 0.0, y, 0.0, 0.0, 0.0), p[6], p[7], p[4])
    return px, py, dpy * r, p[5] - dpx * r, 0.0, p[3] * b


@register_jitable(forceinline=True)
def curved_source(z, p):
    """Field p[5] [1/m] of a bend of curvature p[4] [1/m], plus multipoles p[6:] of the potential's slopes in it.

    The slopes are laid out as for `curved_multipole_kick`; the slice is p[3] (1 + p[4] x) [m] long.
    """
    x, px, y, py, zeta, pzeta = z
    b = 1.0 + p[4] * x
    r = 1.0 / b
    vx, vy = potential_slopes(x, y, p, 6)
    return px, py, -(vy * r), p[5] + vx * r, 0.0, p[3] * b


@register_jitable(forceinline=True)
def wiggler_source(z, p):
    """Field of a wiggler at one place s; the slice is p[3] [m] long.

    Then, for every harmonic: qx, qy, the amplitudes of chi as for `wiggler`, those of the field times cos(k s + phase)
    [1/m], and k^2.
    """
    x, px, y, py, zeta, pzeta = z
    ax, _, ay, _ = gauges(x, y, p, 4, 7)
    bx = by = bs = 0.0 * x
    for i in range(4, len(p), 7):
        qx, qy, v, h = p[i], p[i + 1], p[i + 4], p[i + 5]
        fe, fo, _ = oscillation(x, qx)
        ge, go, _ = oscillation(y, qy)
        bx = bx - (v * qx) * (fo * go) + h * (fe * ge)
        by = by + v * (fe * ge) - (h * qy) * (fo * go)
        bs = bs - p[i + 6] * (p[i + 2] * (fe * go) + p[i + 3] * (fo * ge))
    return px - ax, py - ay, bx, by, bs, p[3] + 0.0 * x


@register_jitable(forceinline=True)
def motion(source, pzeta, beta0):
    """E/E0, P^2, 1/P, the square of the field across the direction of motion [1/m^2], and the path length [m]."""
    kx, ky, bx, by, bs, length = source
    e = 1.0 + beta0 * beta0 * pzeta
    squared = (1.0 + pzeta) + pzeta * e
    q = rsqrt(squared)
    longitudinal = squared - kx * kx - ky * ky
    w = rsqrt(longitudinal)
    ks = longitudinal * w
    across_x = by * ks - bs * ky  # the vector product with the momentum: never below 0 when squared
    across_y = bs * kx - bx * ks
    across_s = bx * ky - by * kx
    across = across_x * across_x + across_y * across_y + across_s * across_s
    return e, squared, q, across * (q * q), length * ((squared * q) * w)


@register_jitable(forceinline=True)
def recoil(z, source, e, squared, q, loss, beta0):
    """Momentum reduced by `loss` (in units of p0) along its direction; e, squared and q as from `motion`."""
    x, px, y, py, zeta, pzeta = z
    change = loss * (2.0 * (squared * q) - loss)  # of P^2
    after = sqrt(e * e - (beta0 * beta0) * change)
    part = loss * q
    return x, px - part * source[0], y, py - part * source[1], zeta, pzeta - change / (e + after)


@register_jitable(forceinline=True)
def mean_loss(squared, q, field, path, p):
    """Mean loss of momentum (in units of p0), solved along the path: dP/dt = -(P^2 + 1/(beta0 gamma0)^2)."""
    t = (MEAN * p[0] * p[1]) * (path * field)
    return (t * (squared + p[2])) / (1.0 + t * (squared * q))


@register_jitable(forceinline=True)
def radiate(z, source, p, beta0):
    """Mean loss in a slice of the field and in the direction at z."""
    e, squared, q, field, path = motion(source, z[5], beta0)
    return recoil(z, source, e, squared, q, mean_loss(squared, q, field, path, p), beta0)


@register_jitable(forceinline=True)
def photons(squared, field, path, p):
    """Expected number of photons, and their critical momentum in units of p0, from what `motion` gives."""
    b = sqrt(field)
    return p[0] * (path * b), p[1] * (squared * b)


@register_jitable(forceinline=True)
def excitation(z, source, p, beta0):
    """Vector whose product with itself is the mean square change of the coordinates by the photons' fluctuation."""
    e, squared, q, field, path = motion(source, z[5], beta0)
    number, critical = photons(squared, field, path, p)
    size = sqrt(MEAN_SQUARE * number) * critical
    part = size * q
    return 0.0, -part * source[0], 0.0, -part * source[1], 0.0, -size * (squared * q) / e
