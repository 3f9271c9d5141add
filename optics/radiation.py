"""Radiation integrals, and what follows from them: energy loss, damping, equilibrium.

The integrals are sums over the rows of radiation that the line has in its magnets, about the closed orbit: b is the
field across the direction of motion over p0/q, l the path length. With the normal modes W of the betatron motion, their
projectors P_k, the dispersion D and the direction of motion e = (0, px, 0, py)/P,

    I2 = sum b^2 l,  I3 = sum |b|^3 l,  I4k = sum P_k (D - e) . grad(b^2 l),  I5k = sum |b|^3 l |W^-1 (D - e)|_k^2.

In a planar ring these are the textbook's integrals of h^2, |h|^3, D h (h^2 + 2 k1) with - D h^2 tan(e1) at its edges,
and H |h|^3; here they hold with coupling, vertical bends, solenoids, wigglers and orbits off the axis too.

Sources: M. Sands, SLAC-121 (1970); R. Helm, M. Lee, P. Morton and M. Sands, IEEE Trans. Nucl. Sci. 20, 900 (1973), for
the edges; K. Robinson, Phys. Rev. 111, 373 (1958), for the partition.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property
from math import sqrt

import numpy as np
from numpy.typing import NDArray
from scipy.constants import c as speed_of_light

from optics.bucket import Bucket, cavity_kicks
from optics.closed_orbit import find_closed_orbit
from optics.emission import of_rows, radiating_rows, require_radiation
from optics.linear_pass import FIRST_ORDER, Places, snapshots
from optics.normal_modes import normal_modes, symplectic_form
from tracking.errors import InputError
from tracking.line import Line
from tracking.maps.radiation import motion
from tracking.pack import pack
from tracking.reference import ReferenceParticle

MOST_DOUBLINGS = 6
TINY = 1e-30  # imaginary step of a derivative


@dataclass(frozen=True)
class RadiationIntegrals:
    """Radiation integrals of a ring, and its damping and equilibrium for fast particles and a small loss per turn.

    Attributes
    ----------
    i1 : float
        Momentum compaction times circumference, the integral of D h [m].
    i2, i3 : float
        Integrals of h^2 [1/m] and |h|^3 [1/m^2].
    i4_modes, i5_modes : (2,) arrays
        Of the betatron modes 1 and 2, in a planar ring of x and y [1/m].
    i6 : float
        Integral of (k1 D)^2 [1/m].
    error : float
        Estimated relative error of the integrals that slicing leaves.
    length : float
        Circumference [m].
    reference : ReferenceParticle
    bucket : Bucket or None
        Longitudinal motion with this loss; None without a powered cavity.
    """

    i1: float
    i2: float
    i3: float
    i4_modes: NDArray[np.float64]
    i5_modes: NDArray[np.float64]
    i6: float
    error: float
    length: float
    reference: ReferenceParticle
    bucket: Bucket | None

    @property
    def i4(self) -> float:
        """Sum of I4 over the modes [1/m]."""
        return float(self.i4_modes.sum())

    @property
    def i5(self) -> float:
        """I5 of mode 1 [1/m]."""
        return float(self.i5_modes[0])

    @property
    def momentum_compaction(self) -> float:
        """I1 over the circumference [1]."""
        return self.i1 / self.length

    @property
    def energy_loss(self) -> float:
        """Energy that a particle on the reference energy loses in a turn [eV]."""
        return relative_loss(self.i2, self.reference) * self.reference.total_energy

    @cached_property
    def partition_numbers(self) -> NDArray[np.float64]:
        """(3,) damping partition numbers of modes 1 and 2 and of the energy; they add up to 4."""
        return np.array([*(1.0 - self.i4_modes / self.i2), 2.0 + self.i4 / self.i2])

    @property
    def damping_rates(self) -> NDArray[np.float64]:
        """(3,) relative decrease of the amplitudes in a turn [1]."""
        return 0.5 * relative_loss(self.i2, self.reference) * self.partition_numbers

    @property
    def damping_times(self) -> NDArray[np.float64]:
        """(3,) times in which the amplitudes fall to 1/e [s]; negative where motion grows."""
        return self.length / (self.reference.beta0 * speed_of_light) / self.damping_rates

    @property
    def emittances(self) -> NDArray[np.float64]:
        """(2,) equilibrium emittances of modes 1 and 2 [m], nan without damping.

        Photons are emitted straight ahead: their opening angle, of weight only at vertical emittances below about
        1e-13 m, is left out.
        """
        return self._equilibrium(self.i5_modes, self.partition_numbers[:2])

    @property
    def energy_spread(self) -> float:
        """Relative rms spread of the energy in equilibrium [1], nan without damping."""
        return sqrt(self._equilibrium(self.i3, self.partition_numbers[2]))

    @property
    def synchrotron_tune(self) -> float | None:
        """Tune of small synchrotron oscillations [2 pi]; None without a powered cavity.

        Raises
        ------
        NoBucketError
            If the cavities do not make good the loss, or have no stable phase.
        """
        return None if self.bucket is None else self.bucket.tune

    @property
    def bunch_length(self) -> float | None:
        """Rms length in zeta in equilibrium [m]; None without a powered cavity. Errors as of `synchrotron_tune`."""
        if self.bucket is None:
            return None
        return self.energy_spread / self.reference.beta0**2 * self.bucket.beta

    def _equilibrium(self, excitation: float | NDArray, damping: float | NDArray) -> NDArray[np.float64]:
        c_q = 55.0 / (32.0 * sqrt(3.0)) * self.reference.compton_length * self.reference.gamma0**2
        damping = np.asarray(damping)
        return np.where(damping > 0.0, c_q * excitation / (self.i2 * np.where(damping > 0.0, damping, 1.0)), np.nan)


def radiation_integrals(line: Line, tolerance: float = 1e-9) -> RadiationIntegrals:
    """Radiation integrals of a ring about its closed orbit at the reference momentum, cavities off.

    Whether the line radiates in tracking does not matter; elements whose own settings say that they do not radiate are
    left out. The slices of the line are doubled and the results extrapolated (Romberg's rule: errors are even powers of
    a slice) until the integrals stand still. Each step takes a closed orbit and a pass to first order.

    Parameters
    ----------
    line : Line
    tolerance : float
        Allowed relative error of the integrals; the result says what was reached.

    Raises
    ------
    NoClosedOrbitError, UnstableMotionError
    InputError
        For a tolerance that is not positive, a line in which nothing radiates, or more than one reference energy.
    """
    if not tolerance > 0.0:
        raise InputError(f"radiation_integrals: tolerance = {tolerance!r}; expected a number above 0")
    coasting = line.with_settings(radiation="gaussian", rf=False)
    require_radiation(pack(coasting), "radiation_integrals", "expected magnets with a length and a field")
    values, error = _extrapolated(lambda slices: _sums(coasting.with_settings(slices=slices)), line, tolerance)
    i1, i2, i3, i4_1, i4_2, i5_1, i5_2, i6 = values.tolist()
    reference, length = line.reference, float(line.length)
    kicks, bucket = cavity_kicks(pack(line)), None
    if any(amplitude for amplitude, _, _ in kicks):
        loss = relative_loss(i2, reference) / reference.beta0**2
        bucket = Bucket(kicks, np.array([i1 / length]), length, reference.beta0, loss=loss)
    modes = np.array([i4_1, i4_2]), np.array([i5_1, i5_2])
    return RadiationIntegrals(i1, i2, i3, *modes, i6, error, length, reference, bucket)


def relative_loss(i2: float, reference: ReferenceParticle) -> float:
    """Energy lost in a turn over the reference energy: 2/3 r0 (beta0 gamma0)^3 I2."""
    return 2.0 / 3.0 * reference.classical_radius * (reference.p0c / reference.mass) ** 3 * i2


def _extrapolated(
    sums: Callable[[int], NDArray[np.float64]], line: Line, tolerance: float
) -> tuple[NDArray[np.float64], float]:
    """Limit of `sums` for many slices, from those of the line doubled again and again, and its estimated error."""
    rows = [[sums(line.settings.slices)]]
    for doubling in range(1, MOST_DOUBLINGS + 1):
        row = [sums(line.settings.slices * 2**doubling)]
        for k, before in enumerate(rows[-1], start=1):
            row.append(row[-1] + (row[-1] - before) / (4.0**k - 1.0))
        error = _largest_change(row[-1], rows[-1][-1])
        rows.append(row)
        if error <= tolerance:
            break
    return rows[-1][-1], error


def _largest_change(new: NDArray[np.float64], old: NDArray[np.float64]) -> float:
    """Largest change of the integrals; those of the modes count relative to what both modes have."""
    scale = np.abs(new)
    scale[3:5] = np.maximum(scale[3:5], scale[1])
    scale[5:7] = scale[5:7].max()
    return float((np.abs(new - old) / np.where(scale > 0.0, scale, 1.0)).max())


def _sums(line: Line) -> NDArray[np.float64]:
    """I1, I2, I3, I4 and I5 of both modes, I6, with the slices of a line whose magnets radiate, its cavities off."""
    radiating = pack(line)
    rows, beta0 = radiating_rows(radiating), radiating.beta0
    par = radiating.par.copy()
    par[radiating.ptr[rows]] = 0.0  # no photons: the same rows act on nothing
    packed = replace(radiating, par=par)
    closed = find_closed_orbit(packed, Places.ends(packed), 4)
    turn = closed.matrices[-1]
    maps = snapshots(packed, FIRST_ORDER, closed.orbit[0], rows)
    orbit, matrices = maps[:, :, 0], maps[:, :4, 1:]
    dispersion = np.linalg.solve(np.eye(4) - turn[:4, :4], turn[:4, 5])
    along = matrices[:, :, :4] @ dispersion + matrices[:, :, 5]
    normalising = matrices[:, :, :4] @ normal_modes(turn[:4, :4]).normalising

    def local(z: tuple, source: Callable[..., tuple], p: NDArray) -> tuple:
        """px/P and py/P along the path, the two components of the field, b^2, the path l, and b^2 l."""
        found = source(z, p)
        _, _, q, field, path = motion(found, z[5], beta0)
        return found[0] * q, found[1] * q, found[2], found[3], field, path, field * path

    def slope(direction: NDArray) -> NDArray:
        """Derivative of `local` along (x, px, y, py) = `direction` (n, 4)."""
        moved = orbit.astype(complex)
        moved[:, :4] += 1j * TINY * direction
        return of_rows(local, radiating, rows, moved).imag / TINY

    ahead_x, ahead_y, _, _, field, path, squared = of_rows(local, radiating, rows, orbit)
    cubed = np.sqrt(field) * squared
    excited = along - np.column_stack([0.0 * ahead_x, ahead_x, 0.0 * ahead_y, ahead_y])
    form = symplectic_form(4)
    amplitudes = np.einsum("ij,nkj,kl,nl->ni", -form, normalising, form, excited)  # W^-1 (D - e)
    shares = [normalising[:, :, 2 * k : 2 * k + 2] @ amplitudes[:, 2 * k : 2 * k + 2, None] for k in (0, 1)]
    _, _, bx, by, _, _, _ = slope(along)
    slip = turn[4, :4] @ dispersion + turn[4, 5]
    i1 = float(line.length) * (1.0 - beta0 * beta0) - slip
    i4 = [slope(share[:, :, 0])[-1].sum() for share in shares]
    i5 = [(cubed * (amplitudes[:, 2 * k : 2 * k + 2] ** 2).sum(axis=1)).sum() for k in (0, 1)]
    return np.array([i1, squared.sum(), cubed.sum(), *i4, *i5, ((bx * bx + by * by) * path).sum()])
