"""Wigglers and undulators: a slice of a field that oscillates along s, in the Hamiltonian expanded in the momenta.

The scalar potential is a sum of products f(x) g(y) cos(k s + phase) with f'' = -qx f, g'' = -qy g, qx + qy + k^2 = 0:
even in x and odd in y for the vertical field, odd in x and even in y for the horizontal one. With no longitudinal
component, the vector potential is ax = d(chi)/dy, ay = -d(chi)/dx, chi = sum f(x) g(y) sin(k s + phase)/k, and

    H = -P + ((px - ax)^2 + (py - ay)^2)/(2 P).

Sources: K. Halbach, Nucl. Instrum. Methods 187 (1981) 109; Y. Wu, E. Forest and D. S. Robin, Phys. Rev. E 68 (2003)
046502, for the integrator: each term is a drift between two shifts of the momenta by the gradient of its integrated
potential.
"""

from numba.extending import register_jitable

from tpsa.gmath import rsqrt, stumpff


@register_jitable(forceinline=True)
def oscillation(x, q):
    """Even and odd solution of f'' = -q f (values and slopes 1, 0 and 0, 1 at 0), and the integral of the odd one."""
    u = q * (x * x)
    return stumpff(0, u), x * stumpff(1, u), (x * x) * stumpff(2, u)


@register_jitable(forceinline=True)
def gauges(x, y, p, first, width):
    """ax and the y slope of its integral over x, then ay and the x slope of its integral over y, at (x, y).

    p has, from index `first` on and `width` numbers apart: qx, qy, then the amplitudes of chi, vertical and horizontal.
    """
    ax = ix = ay = iy = 0.0 * x
    for i in range(first, len(p), width):
        qx, qy, v, h = p[i], p[i + 1], p[i + 2], p[i + 3]
        fe, fo, fs = oscillation(x, qx)
        ge, go, gs = oscillation(y, qy)
        ee = fe * ge
        oo = fo * go
        ax = ax + v * ee - (h * qy) * oo
        ix = ix - qy * (v * oo + h * (fs * ge))
        ay = ay + (v * qx) * oo - h * ee
        iy = iy + qx * (v * (fe * gs) + h * oo)
    return ax, ix, ay, iy


@register_jitable(forceinline=True)
def wiggler(z, p, beta0):
    """Slice over p[0] [m] at one place s: half of the horizontal term, the vertical one, the other half.

    Then, for every harmonic: qx, qy [1/m^2], and the vertical and horizontal field's amplitude times
    sin(k s + phase)/k [1].
    """
    x, px, y, py, zeta, pzeta = z
    ds = p[0]
    e = 1.0 + beta0 * beta0 * pzeta
    q = rsqrt((1.0 + pzeta) + pzeta * e)
    ax, ix, ay, iy = gauges(x, y, p, 1, 4)
    px = px - ax
    u = px * q
    py = py - ix
    x = x + (0.5 * ds) * u
    ax, ix, ay, iy = gauges(x, y, p, 1, 4)
    px = px + (ax - iy)
    py = py + (ix - ay)
    v = py * q
    y = y + ds * v
    ax, ix, ay, iy = gauges(x, y, p, 1, 4)
    px = px + (iy - ax)
    py = py + (ay - ix)
    w = px * q
    x = x + (0.5 * ds) * w
    ax, ix, ay, iy = gauges(x, y, p, 1, 4)
    zeta = zeta + ds * (1.0 - (e * q) * (1.0 + 0.25 * (u * u + w * w) + 0.5 * (v * v)))
    return x, px + ax, y, py + ix, zeta, pzeta
