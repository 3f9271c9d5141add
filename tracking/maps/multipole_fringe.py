"""Hard-edge fringe of straight multipoles, of first order in the strengths and the transverse momenta.

Source: E. Forest and J. Milutinovic, Nucl. Instrum. Meth. A 269 (1988) 474. With the generator px f_x + py f_y over P:
x1 = x - f_x/P, y1 = y - f_y/P, and the momenta change by the inverse transposed Jacobian.
"""

from numba.extending import register_jitable

from tpsa.gmath import rsqrt

NEWTON_STEPS = 4


@register_jitable(forceinline=True)
def displacement(x, y, strengths):
    """f_x, f_y and their derivatives by x and y: f_xx, f_xy, f_yx, f_yy."""
    rx = 0.0 * x + 1.0
    ry = 0.0 * x
    fx = 0.0 * x
    fy = 0.0 * x
    fxx = 0.0 * x
    fxy = 0.0 * x
    fyx = 0.0 * x
    fyy = 0.0 * x
    for i in range(0, len(strengths), 2):
        n = 1.0 + i // 2
        a = (n + 2.0) / n
        du = strengths[i] * rx - strengths[i + 1] * ry
        dv = strengths[i] * ry + strengths[i + 1] * rx
        rx, ry = rx * x - ry * y, rx * y + ry * x
        u = strengths[i] * rx - strengths[i + 1] * ry
        v = strengths[i] * ry + strengths[i + 1] * rx
        fx = fx + (u * x + a * (v * y))
        fy = fy + (u * y - a * (v * x))
        fxx = fxx + (n * (du * x) + u + (a * n) * (dv * y))
        fxy = fxy + (a * v + (a * n) * (du * y) - n * (dv * x))
        fyx = fyx + (n * (du * y) - a * v - (a * n) * (dv * x))
        fyy = fyy + (u - n * (dv * y) - (a * n) * (du * x))
    return fx, fy, fxx, fxy, fyx, fyy


@register_jitable(forceinline=True)
def multipole_fringe(z, strengths, beta0):
    """Fringe of strengths -kn/(4 (n + 2) n!), -ksn/(4 (n + 2) n!), n = 0, 1, ... in turn; the opposite at the exit."""
    x, px, y, py, zeta, pzeta = z
    fx, fy, fxx, fxy, fyx, fyy = displacement(x, y, strengths)
    e = 1.0 + beta0 * beta0 * pzeta
    q = rsqrt((1.0 + pzeta) + pzeta * e)
    axx, ayy, axy, ayx = 1.0 - q * fxx, 1.0 - q * fyy, q * fxy, q * fyx
    s = 1.0 / (axx * ayy - axy * ayx)
    px1 = s * (ayy * px + ayx * py)
    py1 = s * (axx * py + axy * px)
    return x - q * fx, px1, y - q * fy, py1, zeta + (e * (q * q * q)) * (px1 * fx + py1 * fy), pzeta


@register_jitable(forceinline=True)
def multipole_fringe_inverse(z, strengths, beta0):
    """Inverse of `multipole_fringe`."""
    x1, px1, y1, py1, zeta, pzeta = z
    e = 1.0 + beta0 * beta0 * pzeta
    q = rsqrt((1.0 + pzeta) + pzeta * e)
    x, y = x1, y1
    for _ in range(NEWTON_STEPS):
        fx, fy, fxx, fxy, fyx, fyy = displacement(x, y, strengths)
        axx, ayy, axy, ayx = 1.0 - q * fxx, 1.0 - q * fyy, q * fxy, q * fyx
        s = 1.0 / (axx * ayy - axy * ayx)
        dx, dy = x1 - x + q * fx, y1 - y + q * fy
        x, y = x + s * (ayy * dx + axy * dy), y + s * (axx * dy + ayx * dx)
    fx, fy, fxx, fxy, fyx, fyy = displacement(x, y, strengths)
    px = px1 - q * (fxx * px1 + fyx * py1)
    py = py1 - q * (fyy * py1 + fxy * px1)
    return x, px, y, py, zeta - (e * (q * q * q)) * (px1 * fx + py1 * fy), pzeta
