"""Bodies of bending magnets: field k0 and curvature h of the reference orbit, independent of each other.

Exact Hamiltonian per unit length: -(1 + h x) sqrt(P^2 - px^2 - py^2) + k0 (x + h x^2/2), P = 1 + delta. Its solution
is an arc of a circle, written with the chord of the arc and the sum p + p1 of the momenta at its two ends (parallel to
the chord), so that neither h nor k0 divides and nothing cancels at large radius.

Expanded Hamiltonian: -(1 + h x) P + (px^2 + py^2)/(2 P) + k0 (x + h x^2/2) + k1 (x^2 - y^2)/2.
"""

from numba.extending import register_jitable

from tpsa.gmath import atanc, rsqrt, sqrt, stumpff


@register_jitable(forceinline=True)
def sector_bend(z, ds, h, k0, cosine, sine, versine, beta0):
    """Exact body over ds [m]; cosine = cos(h ds), sine = sin(h ds)/h, versine = (1 - cos(h ds))/h^2.

    Source: E. Forest, Beam Dynamics, 1998, section 12.2, rearranged.
    """
    x, px, y, py, zeta, pzeta = z
    e = 1.0 + beta0 * beta0 * pzeta
    squared = (1.0 + pzeta) + pzeta * e - py * py
    pz = sqrt(squared - px * px)
    b = 1.0 + h * x
    slope = h * pz - k0 * b
    px1 = cosine * px + sine * slope
    pz1 = sqrt(squared - px1 * px1)
    longitudinal = pz1 + cosine * pz - (h * sine) * px  # of p + p1, along the exit's reference direction
    half = b * (sine / longitudinal)  # tan(alpha/2)/k0, where alpha is the angle of the arc
    path = half * (2.0 * atanc(k0 * half))
    x1 = x + b * ((2.0 * (sine * px + versine * slope)) / (longitudinal + (h * versine * k0) * b))
    return x1, px1, y + py * path, py, zeta + (ds - e * path), pzeta


@register_jitable(forceinline=True)
def wedge(z, k0, cosine, sine, versine, beta0):
    """Exact motion in field k0 between two planes that meet at x = 0 at an angle of given cosine, sine, 1 - cosine.

    The frame turns from x towards s for a positive angle (px grows), as in a bend body of infinite curvature.
    """
    x, px, y, py, zeta, pzeta = z
    e = 1.0 + beta0 * beta0 * pzeta
    squared = (1.0 + pzeta) + pzeta * e - py * py
    pz = sqrt(squared - px * px)
    slope = pz - k0 * x
    px1 = cosine * px + sine * slope
    pz1 = sqrt(squared - px1 * px1)
    longitudinal = pz1 + cosine * pz - sine * px
    half = x * (sine / longitudinal)
    path = half * (2.0 * atanc(k0 * half))
    x1 = x + x * ((2.0 * (sine * px + versine * slope)) / (longitudinal + (versine * k0) * x))
    return x1, px1, y + py * path, py, zeta - e * path, pzeta


@register_jitable(forceinline=True)
def rotation(z, cosine, sine, beta0):
    """Field-free rotation of the frame about y by an angle of given cosine and sine (px grows with the angle)."""
    x, px, y, py, zeta, pzeta = z
    e = 1.0 + beta0 * beta0 * pzeta
    pz = sqrt((1.0 + pzeta) + pzeta * e - px * px - py * py)
    ratio = x / (cosine * pz - sine * px)
    path = sine * ratio
    return ratio * pz, cosine * px + sine * pz, y + py * path, py, zeta - e * path, pzeta


@register_jitable(forceinline=True)
def curvature_kick(z, hl, k0l, hk0l, beta0):
    """Kick of the expanded Hamiltonian's terms -h x P + k0 (x + h x^2/2) over a length: hl = h ds, and so on."""
    x, px, y, py, zeta, pzeta = z
    e = 1.0 + beta0 * beta0 * pzeta
    squared = (1.0 + pzeta) + pzeta * e
    q = rsqrt(squared)
    return x, px + hl * (squared * q) - hk0l * x - k0l, y, py, zeta - hl * (x * (e * q)), pzeta


@register_jitable(forceinline=True)
def quadrupole_body(z, ds, k1, beta0):
    """Expanded quadrupole body over ds [m], solved exactly for every pzeta."""
    x, px, y, py, zeta, pzeta = z
    e = 1.0 + beta0 * beta0 * pzeta
    q = rsqrt((1.0 + pzeta) + pzeta * e)
    u = (ds * ds * k1) * q
    cx, sx, cy, sy = stumpff(0, u), ds * stumpff(1, u), stumpff(0, -u), ds * stumpff(1, -u)
    x1, px1 = cx * x + (sx * q) * px, cx * px - (k1 * sx) * x
    y1, py1 = cy * y + (sy * q) * py, cy * py + (k1 * sy) * y
    # half the integral of (px^2 + py^2)/P, from the energy of the oscillation and the change of x px + y py
    energy = q * (px * px + py * py) + k1 * (x * x - y * y)
    action = 0.25 * (ds * energy + (x1 * px1 - x * px + y1 * py1 - y * py))
    rate = e * q
    return x1, px1, y1, py1, zeta + (ds * (1.0 - rate) - rate * (q * action)), pzeta


@register_jitable(forceinline=True)
def combined_body(z, ds, h, k0, k1, beta0):
    """Expanded bend body with gradient k1 over ds [m], solved exactly for every pzeta."""
    x, px, y, py, zeta, pzeta = z
    e = 1.0 + beta0 * beta0 * pzeta
    squared = (1.0 + pzeta) + pzeta * e
    q = rsqrt(squared)
    kx = h * k0 + k1
    u, v = (ds * ds * kx) * q, (-ds * ds * k1) * q
    cx, sx, cy, sy = stumpff(0, u), ds * stumpff(1, u), stumpff(0, v), ds * stumpff(1, v)
    dx = (ds * ds) * (stumpff(2, u) * q)
    force = h * (squared * q) - k0 - kx * x  # dpx/ds at the entrance
    x1, px1 = x + (sx * q) * px + dx * force, cx * px + sx * force
    y1, py1 = cy * y + (sy * q) * py, cy * py + (k1 * sy) * y
    area = ds * x + dx * px + (ds * ds * ds) * ((stumpff(3, u) * q) * force)  # integral of x
    # half the integral of (px^2 + py^2)/P, from the energy of the oscillation and the change of x px + y py
    energy = q * (px * px + py * py) + kx * (x * x) - k1 * (y * y)
    action = 0.25 * (ds * energy + (x1 * px1 - x * px + y1 * py1 - y * py))
    excess = h - k0 * q
    rate = e * q
    path = h * area + (q * action + excess * (0.25 * area - (0.5 * ds) * x))
    return x1, px1, y1, py1, zeta + (ds * (1.0 - rate) - rate * path), pzeta


@register_jitable(forceinline=True)
def thin_curvature(z, angle_x, angle_y, beta0):
    """Bend of the reference orbit by angles [rad] in a point, the field apart: px + angle_x P, py - angle_y P."""
    x, px, y, py, zeta, pzeta = z
    e = 1.0 + beta0 * beta0 * pzeta
    squared = (1.0 + pzeta) + pzeta * e
    q = rsqrt(squared)
    p = squared * q
    return x, px + angle_x * p, y, py - angle_y * p, zeta - (angle_x * x - angle_y * y) * (e * q), pzeta
