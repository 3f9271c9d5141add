"""Changes of the reference frame: exact for every ray, with no change of the reference path length.

A patch moves the origin by (dx, dy, ds) and turns the axes; the particle's ray is then followed to the plane s = 0 of
the new frame. Its flight time counts in full, so that zeta changes by - beta0 c times the time spent.
"""

from numba.extending import register_jitable

from tpsa.gmath import sqrt


@register_jitable(forceinline=True)
def translation(z, dx, dy):
    """Move the origin by dx, dy [m] in the transverse plane."""
    x, px, y, py, zeta, pzeta = z
    return x - dx, px, y - dy, py, zeta, pzeta


@register_jitable(forceinline=True)
def roll(z, cosine, sine):
    """Turn the axes about s by an angle of given cosine and sine, from x towards y."""
    x, px, y, py, zeta, pzeta = z
    return (
        cosine * x + sine * y,
        cosine * px + sine * py,
        cosine * y - sine * x,
        cosine * py - sine * px,
        zeta,
        pzeta,
    )


@register_jitable(forceinline=True)
def patch(z, dx, dy, ds, xx, xy, xs, yx, yy, ys, sx, sy, ss, beta0):
    """Move the origin by (dx, dy, ds) [m], then take axes whose components in the old frame are given.

    The new x axis is (xx, xy, xs) in the old frame, the new y axis (yx, yy, ys), the new s axis (sx, sy, ss).

    Source: rigid motion of a straight ray, with the drift to the new plane; E. Forest, Beam Dynamics, 1998.
    """
    x, px, y, py, zeta, pzeta = z
    e = 1.0 + beta0 * beta0 * pzeta
    pz = sqrt((1.0 + pzeta) + pzeta * e - px * px - py * py)
    x = x - dx
    y = y - dy
    qx = xx * px + xy * py + xs * pz
    qy = yx * px + yy * py + ys * pz
    qs = sx * px + sy * py + ss * pz
    tau = (sx * x + sy * y - ss * ds) / qs
    return (
        xx * x + xy * y - xs * ds - tau * qx,
        qx,
        yx * x + yy * y - ys * ds - tau * qy,
        qy,
        zeta + tau * e,
        pzeta,
    )
