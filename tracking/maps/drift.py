"""Field-free motion: exact, paraxial, and the difference of the two.

Hamiltonians per unit length, with P = sqrt(1 + 2 pzeta + beta0^2 pzeta^2) = 1 + delta: exact -sqrt(P^2 - px^2 - py^2),
paraxial -P + (px^2 + py^2)/(2 P); both plus pzeta's own term of the reference particle.
"""

from numba.extending import register_jitable

from tpsa.gmath import rsqrt


@register_jitable(forceinline=True)
def drift(z, ds, beta0):
    """Exact drift over ds [m]."""
    x, px, y, py, zeta, pzeta = z
    b2 = beta0 * beta0
    e = 1.0 + b2 * pzeta
    r = rsqrt((1.0 + pzeta) + pzeta * e - px * px - py * py)
    return x + ds * (px * r), px, y + ds * (py * r), py, zeta + ds * (1.0 - e * r), pzeta


@register_jitable(forceinline=True)
def drift_expanded(z, ds, beta0):
    """Paraxial drift over ds [m]: second order in px and py, exact in pzeta."""
    x, px, y, py, zeta, pzeta = z
    e = 1.0 + beta0 * beta0 * pzeta
    q = rsqrt((1.0 + pzeta) + pzeta * e)
    u = px * q
    v = py * q
    return x + ds * u, px, y + ds * v, py, zeta + ds * (1.0 - (e * q) * (1.0 + 0.5 * (u * u + v * v))), pzeta


@register_jitable(forceinline=True)
def drift_correction(z, ds, beta0):
    """Exact minus paraxial drift over ds [m]: the map of the difference of the two Hamiltonians."""
    x, px, y, py, zeta, pzeta = z
    e = 1.0 + beta0 * beta0 * pzeta
    squared = (1.0 + pzeta) + pzeta * e
    transverse = px * px + py * py
    q = rsqrt(squared)
    w = rsqrt(squared - transverse) - q
    return x + ds * (px * w), px, y + ds * (py * w), py, zeta - ds * (e * (w - 0.5 * (transverse * (q * q * q)))), pzeta
