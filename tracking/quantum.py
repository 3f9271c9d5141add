"""Quantum radiation of compiled particles: the loss in a slice, drawn from its distribution.

The draws of a particle depend on the seed, its number, the turn and how many it made in that turn, on nothing else.
Taylor maps and JAX see the mean loss.
"""

from __future__ import annotations

import math

from numba.extending import register_jitable

from tpsa.gmath import cos, sqrt
from tpsa.jit import njit
from tpsa.vector_functions import log
from tracking.maps.radiation import MEAN_SQUARE, combined_source, curved_source, multipole_source, wiggler_source
from tracking.ops import Op
from tracking.random_numbers import uniform_pair

MOST_PHOTONS = 1e4  # of one particle in one slice: a particle that would emit more is lost

# cbrt(u)/w as a polynomial of 2 y/LARGEST_Y - 1, where y = w/(w + 4), and w = -log of the share of photons above u, up
# to 37.5: interpolated at Chebyshev's points, error 2e-8
LARGEST_Y = 37.5 / 41.5
SPECTRUM = (
    0.357109856386, -0.310122738349, 0.0794132427529, -0.0404396632201, 0.00895818504841, -0.006635816547,
    0.00191114506057, -0.0032304365847, 0.00106830911671, -0.000487566089276, 0.00176750678643, -0.00363047274023,
    -0.00328370945587, 0.00552860005649, 0.00552437159172, -0.00636390090685, -0.00550731383015, 0.00379355218225,
    0.0031203302219, -0.00106581087866, -0.000776967841757,
)  # fmt: skip


@njit
def photon_energy(w):
    """Energy of a photon over the critical one, such that a share exp(-w) of the photons has more.

    The spectrum is that of synchrotron radiation, the integral of K_5/3 from the energy on. With w = -log(uniform),
    this draws from it.
    """
    t = (2.0 / LARGEST_Y) * (w / (w + 4.0)) - 1.0
    total = 0.0
    for i in range(len(SPECTRUM)):
        total = total * t + SPECTRUM[len(SPECTRUM) - 1 - i]
    root = w * total
    return root * root * root


@register_jitable(forceinline=True)
def gaussian_loss(mean, number, critical, seed, turn, particle, draw):
    """Loss of the right mean and mean square, normally distributed, and the next draw."""
    u, v = uniform_pair(seed, turn, particle, draw)
    normal = sqrt(-2.0 * log(u)) * cos((2.0 * math.pi) * v)
    return mean + sqrt(MEAN_SQUARE * number) * critical * normal, draw + 1.0


@register_jitable
def photon_loss(mean, number, critical, seed, turn, particle, draw):
    """Loss by a number of photons of Poisson's distribution, each with an energy of its own, and the next draw."""
    if not number <= MOST_PHOTONS:
        return math.nan, draw
    loss, path = 0.0, 0.0
    while True:
        u, v = uniform_pair(seed, turn, particle, draw)
        draw += 1.0
        path -= log(u)  # to the next photon, in units of the mean distance of two
        if path > number:
            return loss, draw
        loss += critical * photon_energy(-log(v))


# op code: source of the field, distribution of the loss, whether a loop over it is vectorised
DISTRIBUTIONS = {
    Op.GAUSSIAN_RADIATION: (multipole_source, gaussian_loss, True),
    Op.GAUSSIAN_RADIATION_CURVED: (curved_source, gaussian_loss, True),
    Op.PHOTONS: (multipole_source, photon_loss, False),
    Op.PHOTONS_CURVED: (curved_source, photon_loss, False),
    Op.GAUSSIAN_RADIATION_WIGGLER: (wiggler_source, gaussian_loss, True),
    Op.PHOTONS_WIGGLER: (wiggler_source, photon_loss, False),
    Op.GAUSSIAN_RADIATION_COMBINED: (combined_source, gaussian_loss, True),
    Op.PHOTONS_COMBINED: (combined_source, photon_loss, False),
}
