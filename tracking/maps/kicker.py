"""Dipole kicks of orbit correctors."""

from numba.extending import register_jitable


@register_jitable
def orbit_kick(z, hkick, vkick):
    """Kick px by hkick [1] and py by vkick [1]; the same for every momentum."""
    x, px, y, py, zeta, pzeta = z
    return x, px + hkick, y, py + vkick, zeta, pzeta
