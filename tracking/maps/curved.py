"""Multipole kicks in the curved frame of a bend body: gradient of the vector potential V(x, y) = -(1 + h x) A_s.

px -= dV/dx, py -= dV/dy, where V = sum_j V_j(x) y^j/j! follows from the field on the midplane by Maxwell's equations:
V_{j+2} = -V_j'' + h V_j'/(1 + h x). Every truncation of V gives a symplectic kick.
"""

from numba.extending import register_jitable


@register_jitable(forceinline=True)
def curved_quadrupole_kick(z, k1l, h):
    """Kick of a midplane field By = k1 x, with k1l = k1 ds; V is complete to y^4."""
    x, px, y, py, zeta, pzeta = z
    yy = y * y
    q = yy / (1.0 + h * x)
    c = k1l * h * h
    return (
        x,
        px - k1l * x - (k1l * h) * (x * x - 0.5 * yy) - (c * h / 24.0) * (q * q),
        y,
        py + y * (k1l + (k1l * h) * x + (c / 6.0) * q),
        zeta,
        pzeta,
    )


@register_jitable(forceinline=True)
def curved_sextupole_kick(z, k1l, k2l, h):
    """Kick of a midplane field By = k1 x + k2 x^2/2, with k1l = k1 ds, k2l = k2 ds; V is complete to y^4."""
    x, px, y, py, zeta, pzeta = z
    xx = x * x
    yy = y * y
    q = yy / (1.0 + h * x)
    m = h * (k1l * h - k2l)
    a = k1l * h
    by = k1l * x + (a + 0.5 * k2l) * xx - (0.5 * (a + k2l)) * yy + (0.5 * k2l * h) * (x * (xx - 2.0 * yy))
    bx = y * (k1l + (a + k2l) * x + (k2l * h) * xx + (m / 6.0) * q)
    return x, px - by - (m * h / 24.0) * (q * q), y, py + bx, zeta, pzeta


@register_jitable(forceinline=True)
def curved_multipole_kick(z, gradient):
    """Kick of any midplane field: polynomials dV/dx and dV/dy of one degree, as `curved_potential` orders them.

    gradient: coefficients of y^j x^i, j and then i from the highest down (i + j up to the degree), dV/dx then dV/dy.
    """
    x, px, y, py, zeta, pzeta = z
    vx, vy = potential_slopes(x, y, gradient, 0)
    return x, px - vx, y, py - vy, zeta, pzeta


@register_jitable(forceinline=True)
def potential_slopes(x, y, gradient, first):
    """dV/dx and dV/dy at (x, y), with `gradient` from index `first` on as for `curved_multipole_kick`."""
    terms = (len(gradient) - first) // 2
    degree = 0
    while (degree + 1) * (degree + 2) // 2 < terms:
        degree += 1
    at = first
    vx = 0.0 * x
    vy = 0.0 * x
    for j in range(degree, -1, -1):
        rx = 0.0 * x + gradient[at]
        ry = 0.0 * x + gradient[at + terms]
        at += 1
        for _ in range(degree - j):
            rx = rx * x + gradient[at]
            ry = ry * x + gradient[at + terms]
            at += 1
        vx = vx * y + rx
        vy = vy * y + ry
    return vx, vy
