"""Kicks of radio-frequency fields. The phase seen by a particle is phase - k zeta, with k = 2 pi f/(beta0 c) [1/m]."""

from numba.extending import register_jitable

from tpsa.gmath import cos, sin


@register_jitable(forceinline=True)
def cavity_kick(z, amplitude, k, phase):
    """Energy kick of an accelerating gap: amplitude = V/(beta0 p0 c) [1], k [1/m], phase [rad].

    Source: MAD-X RFCAVITY, docs/conventions.md.
    """
    x, px, y, py, zeta, pzeta = z
    return x, px, y, py, zeta, pzeta + amplitude * sin(phase - k * zeta)


@register_jitable(forceinline=True)
def cavity_fringe(z, strength, k, phase):
    """Radial kick at a hard end of an accelerating field: strength = -V/(L p0 c) [1/m] at the entrance, + at the exit.

    Source: H = -strength (x^2 + y^2) sin(phase - k zeta)/4, the field lines that leave the cavity's end.
    """
    x, px, y, py, zeta, pzeta = z
    angle = phase - k * zeta
    lens = (0.5 * strength) * sin(angle)
    slope = (0.25 * strength * k) * cos(angle)
    return x, px + lens * x, y, py + lens * y, zeta, pzeta - slope * (x * x + y * y)


@register_jitable(forceinline=True)
def rf_multipole_kick(z, p):
    """Kick of multipoles that oscillate with k = p[0] [1/m], beside a gap of amplitudes p[1] and p[2] [1].

    With c = cos(k zeta), s = sin(k zeta): d(pzeta) of the gap is p[1] c - p[2] s, and order n has the complex strength
    (p[3 + 4 n] + i p[4 + 4 n]) c + (p[5 + 4 n] + i p[6 + 4 n]) s [1/m^n], 1/n! included.

    Source: H = Re sum strength_n (x + i y)^(n + 1)/(n + 1); A. Latina and R. De Maria, CERN-ATS-Note-2012-088 (2012).
    """
    x, px, y, py, zeta, pzeta = z
    k = p[0]
    c = cos(k * zeta)
    s = sin(k * zeta)
    # Horner sums of the strengths of c and s, and of their integrals over x + i y
    cr = ci = sr = si = ucr = uci = usr = usi = 0.0 * x
    for n in range((len(p) - 3) // 4 - 1, -1, -1):
        j = 4 * n + 3
        w = 1.0 / (n + 1)
        cr, ci = x * cr - y * ci + p[j], x * ci + y * cr + p[j + 1]
        sr, si = x * sr - y * si + p[j + 2], x * si + y * sr + p[j + 3]
        ucr, uci = x * ucr - y * uci + w * p[j], x * uci + y * ucr + w * p[j + 1]
        usr, usi = x * usr - y * usi + w * p[j + 2], x * usi + y * usr + w * p[j + 3]
    uc = x * ucr - y * uci
    us = x * usr - y * usi
    return (
        x,
        px - (c * cr + s * sr),
        y,
        py + (c * ci + s * si),
        zeta,
        pzeta + (p[1] * c - p[2] * s) + k * (s * uc - c * us),
    )
