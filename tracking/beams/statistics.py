"""Moments of particles: centroid, covariance, emittances, Twiss functions and dispersion of a beam, slices.

Lost particles are rows that are not finite; they do not count. Covariances are taken about the mean in a second pass,
so that beams far off the axis lose no digits, and divided by the number (or weight) of particles.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tracking.errors import InputError

PLANES = ("x", "y", "zeta")
POISSON = np.kron(np.eye(3), [[0.0, 1.0], [-1.0, 0.0]])  # S of three canonical pairs


@dataclass(frozen=True)
class BeamMoments:
    """Moments of a beam in (x, px, y, py, zeta, pzeta) [m, 1, m, 1, m, 1]; NaN where no particle is left.

    Attributes
    ----------
    survivors : int
        Particles counted.
    weight : float
        Sum of their weights.
    mean, minimum, maximum : (6,) arrays
    covariance : (6, 6) array
    """

    survivors: int
    weight: float
    mean: NDArray[np.float64]
    minimum: NDArray[np.float64]
    maximum: NDArray[np.float64]
    covariance: NDArray[np.float64]

    @property
    def sigma(self) -> NDArray[np.float64]:
        """(6,) rms sizes about the mean."""
        return np.sqrt(np.diagonal(self.covariance))

    @property
    def emittance(self) -> NDArray[np.float64]:
        """(3,) projected emittances of (x, px), (y, py), (zeta, pzeta) [m], dispersion included."""
        return projected_emittances(self.covariance)

    @cached_property
    def eigen_emittance(self) -> NDArray[np.float64]:
        """(3,) emittances of the modes, invariant under every linear symplectic map [m], largest share of x, y, zeta.

        Magnitudes of the eigenvalues of covariance S; A. Wolski, Phys. Rev. ST Accel. Beams 9, 024001 (2006), eq. 25.
        """
        return eigen_emittances(self.covariance)

    @property
    def dispersion(self) -> NDArray[np.float64]:
        """(4,) correlation <u pzeta>/<pzeta^2> of u = x, px, y, py [m, 1, m, 1]; zero without energy spread."""
        spread = self.covariance[5, 5]
        return self.covariance[:4, 5] / spread if spread > 0.0 else np.zeros(4)

    @property
    def betatron_covariance(self) -> NDArray[np.float64]:
        """(4, 4) covariance of (x, px, y, py) with the part that follows pzeta taken out."""
        return self.covariance[:4, :4] - np.outer(self.dispersion, self.covariance[:4, 5])

    @property
    def betatron_emittance(self) -> NDArray[np.float64]:
        """(2,) projected emittances of x and y with the dispersion taken out [m]."""
        return projected_emittances(self.betatron_covariance)

    def twiss(self, plane: str = "x") -> tuple[float, float, float]:
        """alpha [1], beta [m], gamma [1/m] of the beam's own ellipse, dispersion taken out of x and y.

        Raises
        ------
        InputError
            For an unknown plane or one without emittance.
        """
        if plane not in PLANES:
            raise InputError(f"beam: plane {plane!r}; expected one of {PLANES}")
        k = 2 * PLANES.index(plane)
        block = (self.covariance if plane == "zeta" else self.betatron_covariance)[k : k + 2, k : k + 2]
        (emittance,) = projected_emittances(block)
        if not emittance > 0.0:
            raise InputError(f"beam: emittance of {plane} is {emittance}; Twiss functions need one above 0")
        return -block[0, 1] / emittance, block[0, 0] / emittance, block[1, 1] / emittance


def moments(particles: ArrayLike, weights: ArrayLike | None = None) -> BeamMoments:
    """Moments of the particles whose coordinates are finite.

    Parameters
    ----------
    particles : (n, 6) array
    weights : (n,) array, optional
        Real particles or charge per macroparticle; equal by default.

    Raises
    ------
    InputError
        For arrays of another shape, or weights that are negative or not finite.
    """
    z, w = finite_particles(particles, weights)
    count, total = len(z), float(w.sum())
    if not total > 0.0:
        nothing = np.full(6, np.nan)
        return BeamMoments(count, total, nothing, nothing, nothing, np.full((6, 6), np.nan))
    share = w / total
    mean = share @ z
    centred = z - mean
    return BeamMoments(count, total, mean, z.min(axis=0), z.max(axis=0), (share[:, None] * centred).T @ centred)


@dataclass(frozen=True)
class BeamSlices:
    """Slices of a beam along one coordinate.

    Attributes
    ----------
    edges : (slices + 1,) array
        Borders in the coordinate.
    moments : tuple of BeamMoments
        Of each slice.
    """

    edges: NDArray[np.float64]
    moments: tuple[BeamMoments, ...]

    def __len__(self) -> int:
        return len(self.moments)

    def __getattr__(self, name: str) -> NDArray[np.float64]:
        """The attribute of `BeamMoments` of this name of all slices, stacked."""
        if name.startswith("_") or not (name in _FIELDS or isinstance(getattr(BeamMoments, name, None), property)):
            raise AttributeError(f"{type(self).__name__} has no attribute {name!r}")
        return np.array([getattr(one, name) for one in self.moments])


_FIELDS = tuple(field.name for field in fields(BeamMoments))


def slices(
    particles: ArrayLike,
    count: int,
    along: int = 4,
    equal: str = "length",
    weights: ArrayLike | None = None,
) -> BeamSlices:
    """Moments of slices of a beam.

    Parameters
    ----------
    particles : (n, 6) array
    count : int
        Number of slices.
    along : int
        Coordinate that is cut, 0 to 5; zeta by default.
    equal : {"length", "charge"}
        What the slices have in common; equal charge puts borders at quantiles of the weight.
    weights : (n,) array, optional

    Raises
    ------
    InputError
        For arguments out of range, or a beam without particles.
    """
    z, w = finite_particles(particles, weights)
    if equal not in ("length", "charge"):
        raise InputError(f"slices: equal = {equal!r}; expected 'length' or 'charge'")
    if count < 1 or not 0 <= along <= 5:
        raise InputError(f"slices: count = {count!r}, along = {along!r}; expected at least 1, and 0 to 5")
    if not w.sum() > 0.0:
        raise InputError("slices: no particle is left; expected at least one")
    order = np.argsort(z[:, along], kind="stable")
    z, w = z[order], w[order]
    position = z[:, along]
    if equal == "length":
        edges = np.linspace(position[0], position[-1], count + 1)
        cuts = np.searchsorted(position, edges[1:-1])
    else:
        charge = np.cumsum(w)
        cuts = np.searchsorted(charge, charge[-1] * np.arange(1, count) / count)
        edges = np.concatenate([position[:1], position[cuts], position[-1:]])
    parts = zip(np.split(z, cuts), np.split(w, cuts), strict=True)
    return BeamSlices(edges, tuple(moments(part, share) for part, share in parts))


def projected_emittances(covariance: NDArray[np.float64]) -> NDArray[np.float64]:
    """(..., n) square roots of the determinants of the n diagonal 2 x 2 blocks of (..., 2n, 2n) covariances [m]."""
    blocks = [covariance[..., k : k + 2, k : k + 2] for k in range(0, covariance.shape[-1], 2)]
    return np.sqrt(np.maximum(np.stack([np.linalg.det(block) for block in blocks], axis=-1), 0.0))


def eigen_emittances(covariance: NDArray[np.float64]) -> NDArray[np.float64]:
    """(3,) mode emittances of a 6 x 6 covariance; see `BeamMoments.eigen_emittance`."""
    if not np.isfinite(covariance).all():
        return np.full(3, np.nan)
    scale = np.sqrt(np.maximum(np.diagonal(covariance), np.finfo(float).tiny))
    pair = np.sqrt(scale[0::2] / scale[1::2]).repeat(2) ** np.tile([1.0, -1.0], 3)
    balanced = covariance / np.outer(pair, pair)  # a symplectic change of units
    values, vectors = np.linalg.eig(balanced @ POISSON)
    positive = np.argsort(values.imag)[3:]
    shares = np.abs(vectors[:, positive]) ** 2
    planes = shares[0::2] + shares[1::2]  # (plane, mode)
    found, left = np.empty(3), list(range(3))
    for plane in range(3):
        best = max(left, key=lambda mode: planes[plane, mode] / planes[:, mode].sum())
        found[plane] = values[positive[best]].imag
        left.remove(best)
    return found


def finite_particles(
    particles: ArrayLike, weights: ArrayLike | None
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Particles (m, 6) whose coordinates are finite, and their weights (m,), checked; equal weights by default."""
    z = np.asarray(particles, dtype=np.float64)
    if z.ndim != 2 or z.shape[1] != 6:
        raise InputError(f"beam: particles of shape {z.shape}; expected (n, 6)")
    w = np.ones(len(z)) if weights is None else np.asarray(weights, dtype=np.float64)
    if w.shape != (len(z),) or not (np.isfinite(w) & (w >= 0.0)).all():
        raise InputError(f"beam: weights of shape {w.shape}; expected ({len(z)},) finite numbers of at least 0")
    alive = np.isfinite(z).all(axis=1)
    return z[alive], w[alive]
