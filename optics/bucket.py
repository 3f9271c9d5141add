"""Bucket of a ring: longitudinal motion as the flow of one Hamiltonian, in actions and angles.

H(zeta, pzeta) = A(pzeta) - U(zeta) with A' the slip in zeta per turn, to third order of the momentum compaction, and U'
the kicks of all cavities added up, less the loss by radiation. The turn itself differs from this flow by terms of the
order of the synchrotron tune; `Bucket.points` gives normalised coordinates, whose linear part the caller takes from the
exact one-turn matrix.

Source: S. Y. Lee, Accelerator Physics, section 3.II (phase slip and bucket), 3.IV (action and angle).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from math import pi

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.integrate import solve_ivp
from scipy.interpolate import RectBivariateSpline
from scipy.optimize import brentq, newton

from optics.cavities import without_rf
from optics.errors import OpticsError
from optics.twiss import twiss
from tracking.coordinates import delta_of
from tracking.line import Line
from tracking.ops import Op
from tracking.pack import PackedLine, pack

SLIP_ORDER = 3  # of the momentum compaction, in delta
AMPLITUDES, ANGLES = 48, 128  # of the table of action and angle
FILLED = 0.98  # share of the bucket's height that the table reaches
SCAN = 2001  # points in which the neighbourhood of the fixed point is searched for the bucket's ends
Kick = tuple[float, float, float]  # amplitude, k [1/m], phase: amplitude sin(phase - k zeta)


class NoBucketError(OpticsError):
    """The cavities of a line hold no bunch: no voltage, or no stable fixed point."""


def cavity_kicks(packed: PackedLine) -> tuple[Kick, ...]:
    """Kicks of all gaps of a line."""
    kicks = []
    for row in np.flatnonzero(np.isin(packed.ops, (Op.CAVITY_KICK, Op.RF_MULTIPOLE_KICK))):
        p = packed.par[packed.ptr[row] : packed.ptr[row + 1]].tolist()
        if packed.ops[row] == Op.CAVITY_KICK:
            kicks.append((p[0], p[1], p[2]))
        else:  # p[1] cos(k zeta) - p[2] sin(k zeta)
            kicks.append((float(np.hypot(p[1], p[2])), p[0], float(np.arctan2(p[1], p[2]))))
    return tuple(kicks)


@dataclass(frozen=True)
class Bucket:
    """Longitudinal motion about one stable fixed point.

    Parameters
    ----------
    kicks : tuple of (amplitude, k, phase)
        Of every gap: pzeta += amplitude sin(phase - k zeta).
    compaction : (k,) array
        Momentum compaction: dC/C = compaction[0] delta + compaction[1] delta^2 + ...
    length : float
        Circumference [m].
    beta0 : float
    zeta : float
        Where to look for the fixed point [m].
    loss : float
        What radiation takes from pzeta in a turn [1]; damping is left out.

    Raises
    ------
    NoBucketError
        If there is no stable fixed point, or no end of the bucket, near `zeta`.
    """

    kicks: tuple[Kick, ...]
    compaction: NDArray[np.float64]
    length: float
    beta0: float
    zeta: float = 0.0
    loss: float = 0.0

    @classmethod
    def of(cls, line: Line, zeta: float = 0.0) -> Bucket:
        """Bucket of a ring whose closed orbit passes its cavities at `zeta`."""
        optics = twiss(without_rf(line), method="4d", order=SLIP_ORDER)
        return cls(cavity_kicks(pack(line)), optics.alpha_c, optics.length, optics.beta0, zeta)

    def slip(self, pzeta: ArrayLike) -> NDArray[np.float64]:
        """Change of zeta in one turn [m]: L - C(delta) beta0/beta."""
        p = np.asarray(pzeta, dtype=float)
        delta = delta_of(p, self.beta0)
        longer = delta * np.polynomial.polynomial.polyval(delta, self.compaction)
        slower = (1.0 + self.beta0**2 * p) / (1.0 + delta)
        return self.length * (1.0 - (1.0 + longer) * slower)

    def kick(self, zeta: ArrayLike) -> NDArray[np.float64]:
        """Change of pzeta in one turn."""
        zeta = np.asarray(zeta, dtype=float)
        return sum((a * np.sin(phase - k * zeta) for a, k, phase in self.kicks), np.full_like(zeta, -self.loss))

    def potential(self, zeta: ArrayLike) -> NDArray[np.float64]:
        """U, with U' the kick."""
        zeta = np.asarray(zeta, dtype=float)
        return sum((a / k * np.cos(phase - k * zeta) for a, k, phase in self.kicks), -self.loss * zeta)

    @cached_property
    def fixed_point(self) -> float:
        """zeta of the synchronous particle [m]; pzeta is 0."""
        if not any(a for a, _, _ in self.kicks):
            raise NoBucketError("no bucket: the line has no cavity with a voltage that is switched on")
        try:
            zeta = float(newton(self.kick, self.zeta, lambda z: self._slopes(float(z))[0], tol=1e-15, maxiter=50))
        except RuntimeError:
            raise NoBucketError(f"no bucket: the kicks do not vanish near zeta = {self.zeta:.6g} m") from None
        kick, slip = self._slopes(zeta)
        if kick * slip >= 0.0:
            raise NoBucketError(
                f"no bucket: the fixed point at zeta = {zeta:.6g} m is unstable (slip {slip:.3g} m, slope of the kick "
                f"{kick:.3g}/m per turn); check the lag of the cavities: 0 below transition, 0.5 above"
            )
        return zeta

    @cached_property
    def beta(self) -> float:
        """Ratio of the amplitudes of zeta and pzeta for small motion [m]."""
        kick, slip = self._slopes(self.fixed_point)
        return float(np.sqrt(-slip / kick))

    @property
    def tune(self) -> float:
        """Tune of small oscillations of the flow [2 pi]."""
        kick, slip = self._slopes(self.fixed_point)
        return float(np.sqrt(-slip * kick)) / (2.0 * pi)

    @cached_property
    def height(self) -> float:
        """Largest pzeta > 0 held, above the fixed point."""
        depth = min(abs(self.potential(end) - self.potential(self.fixed_point)) for end in self.ends)
        sign = np.sign(self._slopes(self.fixed_point)[1])

        def missing(p: float) -> float:
            return float(sign * self._slip_integral(p) - depth)

        high = self.beta**-1 * abs(self.ends[1] - self.ends[0])
        if missing(high) <= 0.0:
            raise NoBucketError("no bucket: the slip at large pzeta does not close it; its height cannot be found")
        return float(brentq(missing, 0.0, high, xtol=1e-14))

    @cached_property
    def ends(self) -> tuple[float, float]:
        """zeta of the unstable fixed points on both sides [m]."""
        reach = 2.0 * pi / min(abs(k) for a, k, _ in self.kicks if a)
        found = []
        for side in (-1.0, 1.0):
            zeta = self.fixed_point + side * reach * np.linspace(0.0, 1.0, SCAN)[1:]
            kick = self.kick(zeta)
            change = np.flatnonzero(np.sign(kick[1:]) != np.sign(kick[:-1]))
            if not change.size:
                raise NoBucketError(f"no bucket: the kicks do not change sign again within {reach:.6g} m of the bunch")
            found.append(float(brentq(self.kick, zeta[change[0]], zeta[change[0] + 1])))
        return found[0], found[1]

    @property
    def largest_action(self) -> float:
        """Largest action J of `points` [m]; the bucket ends a little above it."""
        return float(self._table[0][-1] ** 2)

    def points(self, normalised: NDArray[np.float64]) -> NDArray[np.float64]:
        """Normalised coordinates of the nonlinear motion, whose action is half the squared radius of those given.

        Parameters
        ----------
        normalised : (n, 2) array
            Coordinates with J = (q^2 + p^2)/2 [sqrt(m)]. A beam whose density depends on J alone becomes stationary.

        Returns
        -------
        (n, 2) array
            (zeta - fixed point)/sqrt(beta), pzeta sqrt(beta) [sqrt(m)].

        Raises
        ------
        NoBucketError
            If particles lie outside of the bucket.
        """
        roots, zeta, pzeta = self._table
        root = np.sqrt(0.5 * (normalised**2).sum(axis=1))
        outside = int((root > roots[-1]).sum())
        if outside:
            raise NoBucketError(
                f"bucket: {outside} of {len(root)} particles have an action above {self.largest_action:.4g} m, the "
                "largest it holds; make the bunch shorter, cut it, or raise the voltage"
            )
        angle = np.arctan2(normalised[:, 1], normalised[:, 0]) % (2.0 * pi)
        scale = root * np.array([[self.beta**-0.5], [self.beta**0.5]])
        return (scale * [zeta.ev(root, angle), pzeta.ev(root, angle)]).T

    def _slopes(self, zeta: float) -> tuple[float, float]:
        """d kick/d zeta at zeta [1/m] and d slip/d pzeta at 0 [m]."""
        kick = sum(-a * k * np.cos(phase - k * zeta) for a, k, phase in self.kicks)
        return float(kick), self.length * (1.0 - self.beta0**2 - float(self.compaction[0]))

    def _slip_integral(self, p: float) -> float:
        nodes, weights = np.polynomial.legendre.leggauss(24)
        return float(0.5 * p * (weights @ self.slip(0.5 * p * (nodes + 1.0))))

    @cached_property
    def _table(self) -> tuple[NDArray, RectBivariateSpline, RectBivariateSpline]:
        """Roots of actions; zeta, pzeta over the root of the action, as functions of this root and the angle."""
        roots, turns = [], []
        for pzeta in self.height * FILLED * np.arange(1, AMPLITUDES + 1) / AMPLITUDES:
            action, orbit = self._orbit(pzeta)
            roots.append(np.sqrt(action))
            turns.append(orbit / roots[-1])
        small = np.sqrt(2.0) * self._circle()
        radii = np.array([0.0, *roots])
        wrap = 8  # angles repeated beyond both ends of the period, for the splines
        angle = 2.0 * pi * np.arange(-wrap, ANGLES + wrap) / ANGLES
        values = np.array([small, *turns])[:, :, np.arange(-wrap, ANGLES + wrap) % ANGLES]
        return radii, RectBivariateSpline(radii, angle, values[:, 0]), RectBivariateSpline(radii, angle, values[:, 1])

    def _circle(self) -> NDArray[np.float64]:
        """(2, ANGLES) the limit of small motion, started at pzeta > 0."""
        angle = 2.0 * pi * np.arange(ANGLES) / ANGLES
        direction = np.sign(self._slopes(self.fixed_point)[1])
        return np.array([direction * np.sin(angle) * self.beta**0.5, np.cos(angle) * self.beta**-0.5])

    def _orbit(self, pzeta: float) -> tuple[float, NDArray[np.float64]]:
        """Action [m] and (2, ANGLES) coordinates at equal steps of time of the orbit through (fixed point, pzeta)."""

        def flow(_: float, z: NDArray) -> list[float]:
            slip = float(self.slip(z[1]))
            return [slip, float(self.kick(self.fixed_point + z[0])), z[1] * slip]

        kick, slip = self._slopes(self.fixed_point)
        slowest = 20.0 * 2.0 * pi / np.sqrt(-kick * slip)
        crossing: Callable = lambda _, z: z[0]  # noqa: E731
        crossing.direction = np.sign(slip)
        crossing.terminal = 2  # the first is the start itself
        run = solve_ivp(
            flow, (0.0, slowest), [0.0, pzeta, 0.0], "DOP853", events=crossing, dense_output=True,
            rtol=1e-11, atol=1e-14,
        )  # fmt: skip
        period = run.t_events[0][-1]
        orbit = run.sol(period * np.arange(ANGLES) / ANGLES)
        return abs(float(run.y_events[0][-1][2])) / (2.0 * pi), orbit[:2]
