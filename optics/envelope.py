"""Equilibrium between radiation damping and quantum fluctuations: second moments of the beam along a ring.

The one-turn map about the closed orbit with radiation and cavities contracts; every row of radiation adds the
fluctuations of its photons, which the exact linear map takes on from there. Any coupling is included.

Sources: K. Ohmi, K. Hirata and K. Oide, Phys. Rev. E 49 (1994) 751; A. Chao, J. Appl. Phys. 50 (1979) 595.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy.constants import c as speed_of_light
from scipy.linalg import solve_discrete_lyapunov

from optics.closed_orbit import find_closed_orbit
from optics.emission import fluctuates, of_rows, radiating_rows, require_radiation
from optics.linear_pass import FIRST_ORDER, Places, snapshots
from optics.normal_modes import damped_modes
from tracking.beams.statistics import eigen_emittances
from tracking.line import Line
from tracking.maps.radiation import excitation, radiate
from tracking.pack import PackedLine, pack
from tracking.reference import ReferenceParticle


@dataclass(frozen=True, eq=False)
class Envelope:
    """Equilibrium beam at the start of a ring and at the exit of every element.

    Attributes
    ----------
    names : tuple of str
        Of the elements, after that of the start.
    s : (n,) array
        Position [m].
    orbit : (n, 6) array
        Closed orbit (x, px, y, py, zeta, pzeta) [m, 1, m, 1, m, 1].
    covariance : (n, 6, 6) array
        Second moments of the same coordinates about it.
    matrix : (6, 6) array
        Jacobian of the one-turn map, with damping.
    tunes : (3,) array
        Fractional tunes of the modes that belong to x and y, in [0, 1), and the synchrotron tune, below 1/2.
    damping_rates : (3,) array
        Relative decrease of their amplitudes in a turn [1].
    energy_loss : float
        Radiated by the particle on the closed orbit in a turn [eV].
    reference : ReferenceParticle
    """

    names: tuple[str, ...]
    s: NDArray[np.float64]
    orbit: NDArray[np.float64]
    covariance: NDArray[np.float64]
    matrix: NDArray[np.float64]
    tunes: NDArray[np.float64]
    damping_rates: NDArray[np.float64]
    energy_loss: float
    reference: ReferenceParticle

    def __post_init__(self) -> None:
        for array in (self.orbit, self.covariance, self.matrix, self.tunes, self.damping_rates):
            array.setflags(write=False)

    @property
    def damping_times(self) -> NDArray[np.float64]:
        """(3,) times in which the amplitudes fall to 1/e [s]."""
        return (self.s[-1] - self.s[0]) / (self.reference.beta0 * speed_of_light) / self.damping_rates

    @property
    def partition_numbers(self) -> NDArray[np.float64]:
        """(3,) damping rates over half of the relative energy loss; they add up to 4 for a small loss."""
        return 2.0 * self.damping_rates * self.reference.total_energy / self.energy_loss

    @property
    def sizes(self) -> NDArray[np.float64]:
        """(n, 6) rms of the coordinates."""
        return np.sqrt(np.maximum(np.diagonal(self.covariance, axis1=1, axis2=2), 0.0))

    @cached_property
    def emittances(self) -> NDArray[np.float64]:
        """(n, 3) emittances of the modes, invariant between fields that radiate [m]."""
        return np.array([eigen_emittances(moments) for moments in self.covariance])

    @property
    def energy_spread(self) -> NDArray[np.float64]:
        """(n,) relative rms spread of the energy [1]."""
        return self.reference.beta0**2 * self.sizes[:, 5]

    @property
    def bunch_length(self) -> NDArray[np.float64]:
        """(n,) rms of zeta [m]."""
        return self.sizes[:, 4]

    @property
    def tilt(self) -> NDArray[np.float64]:
        """(n,) angle of the beam's longer axis in the (x, y) plane from the x axis [rad]."""
        across = self.covariance[:, :4:2, :4:2]
        return 0.5 * np.arctan2(2.0 * across[:, 0, 1], across[:, 0, 0] - across[:, 1, 1])


def envelope(line: Line) -> Envelope:
    """Equilibrium second moments of a ring with radiation and powered cavities.

    It is that of particles tracked with fluctuations and with the same slices, to first order about the closed orbit;
    the error of slicing falls as slices^-2. Elements whose own setting is ``radiation="mean"`` damp but do not excite.
    Photons are emitted straight ahead (see `RadiationIntegrals.emittances`). Takes a closed orbit and one pass to first
    order.

    Parameters
    ----------
    line : Line
        With ``radiation`` other than ``"none"``.

    Raises
    ------
    InputError
        For a line that does not radiate, or with more than one reference energy.
    NoClosedOrbitError
        Also without a powered cavity.
    UnstableMotionError
        If a mode grows instead of being damped.
    """
    if line.settings.radiation == "mean":
        line = line.with_settings(radiation="gaussian")
    packed = pack(line)
    require_radiation(packed, "envelope", 'use line.with_settings(radiation="mean")')
    closed = find_closed_orbit(packed, Places.ends(packed), 6)
    matrix = closed.matrices[-1]
    modes = damped_modes(matrix)
    inverse = np.linalg.inv(modes.normalising)
    blocks = inverse @ matrix @ modes.normalising
    rates = np.array([-0.5 * np.log(np.linalg.det(blocks[k : k + 2, k : k + 2])) for k in (0, 2, 4)])
    rows = np.unique(np.concatenate([radiating_rows(packed), packed.first_row]))
    maps = snapshots(packed, FIRST_ORDER, closed.orbit[0], rows)
    orbit, matrices = maps[:, :, 0], maps[:, :, 1:]
    added, loss = _emitted(packed, rows, orbit, matrices)
    # S = M (S + added) M^T in the normal coordinates, where it is well conditioned
    normal = inverse @ matrix @ added[-1] @ matrix.T @ inverse.T
    start = modes.normalising @ solve_discrete_lyapunov(blocks, normal) @ modes.normalising.T
    exits = np.searchsorted(rows, packed.first_row)
    along = matrices[exits] @ (0.5 * (start + start.T) + added[exits]) @ matrices[exits].swapaxes(1, 2)
    reference = packed.reference
    return Envelope(
        names=(f"{line.name}$start", *packed.names),
        s=packed.s,
        orbit=orbit[exits],
        covariance=along,
        matrix=matrix,
        tunes=np.minimum(modes.tunes, [1.0, 1.0, 1.0 - modes.tunes[2]]),
        damping_rates=rates,
        energy_loss=loss * reference.beta0**2 * reference.total_energy,
        reference=reference,
    )


def _emitted(
    packed: PackedLine, rows: NDArray[np.int64], orbit: NDArray[np.float64], matrices: NDArray[np.float64]
) -> tuple[NDArray[np.float64], float]:
    """Fluctuations of all rows before each of `rows`, as at the start of the line (n, 6, 6), and the loss of pzeta."""
    beta0 = packed.beta0
    radiating = np.isin(rows, radiating_rows(packed))
    after = of_rows(lambda z, source, p: radiate(z, source(z, p), p, beta0), packed, rows[radiating], orbit[radiating])
    loss = float((orbit[radiating, 5] - after[5]).sum())
    exciting = radiating.copy()
    exciting[radiating] = fluctuates(packed, rows[radiating])
    moments = np.zeros((len(rows) + 1, 6, 6))
    if exciting.any():
        z = orbit[exciting]
        kicks = of_rows(lambda z, source, p: excitation(z, source(z, p), p, beta0), packed, rows[exciting], z)
        at_start = np.linalg.solve(matrices[exciting], kicks.T[:, :, None])
        moments[1:][exciting] = at_start @ at_start.swapaxes(1, 2)
    return np.cumsum(moments, axis=0)[:-1], loss
