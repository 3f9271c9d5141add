"""Solenoid of uniform longitudinal field with hard edges: the canonical momenta do not jump at its ends.

ks = Bs q/p0 [1/m]. Inside, with kinetic momenta (px + ks y/2, py - ks x/2), a particle turns by phi = ks L/pz about the
field; see docs/conventions.md.
"""

from numba.extending import register_jitable

from tpsa.gmath import cos, rsqrt, sin, stumpff


@register_jitable(forceinline=True)
def _helix(z, kx, ky, ks, length, r):
    """Positions and canonical momenta after a turn of the kinetic ones, kx and ky, by ks length r, with r = 1/pz."""
    x, px, y, py, zeta, pzeta = z
    lr = length * r
    u = (ks * lr) * (ks * lr)
    along = lr * stumpff(1, u)
    across = ks * (lr * lr) * stumpff(2, u)
    dx = along * kx + across * ky
    dy = along * ky - across * kx
    half = 0.5 * ks
    return x + dx, px + half * dy, y + dy, py - half * dx


@register_jitable(forceinline=True)
def solenoid(z, ks, length, beta0):
    """Solenoid of strength ks [1/m] over length [m]; full square-root Hamiltonian, solved exactly.

    Source: helix of constant pz = sqrt((1 + delta)^2 - kinetic momenta^2); E. Forest, Beam Dynamics, 1998.
    """
    x, px, y, py, zeta, pzeta = z
    kx = px + (0.5 * ks) * y
    ky = py - (0.5 * ks) * x
    e = 1.0 + beta0 * beta0 * pzeta
    r = rsqrt((1.0 + pzeta) + pzeta * e - kx * kx - ky * ky)
    x, px, y, py = _helix(z, kx, ky, ks, length, r)
    return x, px, y, py, zeta + length - length * (e * r), pzeta


@register_jitable(forceinline=True)
def solenoid_expanded(z, ks, length, beta0):
    """Solenoid of strength ks [1/m] over length [m] in the paraxial Hamiltonian, solved exactly.

    Source: H = (kinetic momenta)^2/(2 (1 + delta)).
    """
    x, px, y, py, zeta, pzeta = z
    kx = px + (0.5 * ks) * y
    ky = py - (0.5 * ks) * x
    e = 1.0 + beta0 * beta0 * pzeta
    r = rsqrt((1.0 + pzeta) + pzeta * e)
    half_square = 0.5 * ((kx * kx + ky * ky) * (r * r))
    x, px, y, py = _helix(z, kx, ky, ks, length, r)
    return x, px, y, py, zeta + length - length * ((e * r) * (1.0 + half_square)), pzeta


@register_jitable(forceinline=True)
def thin_solenoid(z, ksi, focusing, beta0):
    """Solenoid of no length: ksi = ks L [1] turns, focusing = ks ksi/4 [1/m] focuses in both planes.

    Source: limit of the paraxial solenoid; H L = (ksi (y px - x py) + focusing (x^2 + y^2))/(2 (1 + delta)).
    """
    x, px, y, py, zeta, pzeta = z
    e = 1.0 + beta0 * beta0 * pzeta
    r = rsqrt((1.0 + pzeta) + pzeta * e)
    invariant = 0.5 * (ksi * (y * px - x * py) + focusing * (x * x + y * y))
    zeta = zeta - invariant * (e * (r * r * r))
    lens = focusing * r
    px = px - lens * x
    py = py - lens * y
    c = cos(0.5 * ksi * r)
    s = sin(0.5 * ksi * r)
    return c * x + s * y, c * px + s * py, c * y - s * x, c * py - s * px, zeta, pzeta
