"""A user's own affine map."""

from numba.extending import register_jitable


@register_jitable(forceinline=True)
def affine(z, p):
    """Kick p[0:6] plus matrix p[6:42], row by row, times the coordinates; symplectic only if the matrix is."""
    x, px, y, py, zeta, pzeta = z
    return (
        p[0] + p[6] * x + p[7] * px + p[8] * y + p[9] * py + p[10] * zeta + p[11] * pzeta,
        p[1] + p[12] * x + p[13] * px + p[14] * y + p[15] * py + p[16] * zeta + p[17] * pzeta,
        p[2] + p[18] * x + p[19] * px + p[20] * y + p[21] * py + p[22] * zeta + p[23] * pzeta,
        p[3] + p[24] * x + p[25] * px + p[26] * y + p[27] * py + p[28] * zeta + p[29] * pzeta,
        p[4] + p[30] * x + p[31] * px + p[32] * y + p[33] * py + p[34] * zeta + p[35] * pzeta,
        p[5] + p[36] * x + p[37] * px + p[38] * y + p[39] * py + p[40] * zeta + p[41] * pzeta,
    )
