"""Beams in normalised phase space: isotropic in the planes they fill, with unit rms of every coordinate.

Each is made of normal numbers g (particles, d), pseudo-random or of a Sobol sequence, by a map of their radius alone:
|g|^2 follows the chi-square law of d degrees of freedom, so that u = P(d/2, |g|^2/2) is uniform, and r = F^-1(u) has
the wanted law F. Multiply by a normalising matrix and the square roots of emittances to get a beam.

Densities (1 - r^2/R^2)^m in d dimensions have r^2/R^2 of the law Beta(d/2, m + 1) and R^2 = d + 2 (m + 1); m = 0 fills
the ball, m -> -1 leaves its surface. Their projection on one coordinate has the exponent m + (d - 1)/2.

Sources: I. Kapchinskij and V. Vladimirskij, HEACC 1959; M. Reiser, Theory and Design of Charged Particle Beams, section
5.3 (KV, waterbag, parabolic beams); C. Tsallis, J. Stat. Phys. 52, 479 (1988) (q-Gaussians).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import special
from scipy.stats import qmc

from tracking.errors import InputError

Radius = Callable[[NDArray[np.float64], int], NDArray[np.float64]]  # squared radius from |g|^2, in d dimensions
SMALLEST = 2.0**-33  # half a step of the Sobol sequence, which contains 0


def normal_numbers(particles: int, dimensions: int, seed: int = 1, quiet: bool = False) -> NDArray[np.float64]:
    """(particles, dimensions) independent normal numbers.

    Parameters
    ----------
    particles, dimensions, seed : int
    quiet : bool
        Scrambled Sobol points instead of pseudo-random ones: means and moments converge nearly as 1/particles; best for
        powers of two.
    """
    _check(particles=(particles, 1), dimensions=(dimensions, 1), seed=(seed, 0))
    if not quiet:
        return np.random.default_rng(seed).standard_normal((particles, dimensions))
    points = qmc.Sobol(dimensions, rng=np.random.default_rng(seed)).random_base2(max(1, (particles - 1).bit_length()))
    return special.ndtri(np.maximum(points[:particles], SMALLEST))


def gaussian(normal: NDArray[np.float64], cut: float | None = None) -> NDArray[np.float64]:
    """Gaussian beam; with `cut`, without particles beyond sqrt(2 J) = `cut` sigmas in any plane.

    The cut makes the rms smaller: sigma^2 (1 - c^2/2/(exp(c^2/2) - 1)) of each coordinate.
    """
    if cut is None:
        return normal
    _positive("cut", cut)
    kept = -np.expm1(-0.5 * cut**2)
    return _by_plane(normal, lambda square, d: -2.0 * np.log1p(kept * np.expm1(-0.5 * square)))


def kv(normal: NDArray[np.float64]) -> NDArray[np.float64]:
    """Kapchinskij-Vladimirskij: all on the ellipsoid r^2 = d; with two planes every projection on two is uniform."""
    return _scaled(normal, lambda square, d: np.full_like(square, d))


def waterbag(normal: NDArray[np.float64]) -> NDArray[np.float64]:
    """Uniform in the ball r^2 < d + 2."""
    return _scaled(normal, lambda square, d: _power_law(square, d, 0.0))


def uniform(normal: NDArray[np.float64]) -> NDArray[np.float64]:
    """Uniform in the ellipse of every plane, planes independent: uniform in every action up to twice its mean."""
    return _by_plane(normal, lambda square, d: _power_law(square, d, 0.0))


def parabolic(normal: NDArray[np.float64]) -> NDArray[np.float64]:
    """Every coordinate has the density 1 - x^2/5, planes independent: the parabolic bunch."""
    return _by_plane(normal, lambda square, d: _power_law(square, d, 0.5))


def hollow(normal: NDArray[np.float64], inner: float = 0.5) -> NDArray[np.float64]:
    """Uniform between two ellipsoids, the inner one's radius being `inner` of the outer one's."""
    if not 0.0 <= inner < 1.0:
        raise InputError(f"hollow beam: inner = {inner!r}; expected a fraction of the outer radius, from 0 to below 1")

    def radius(square: NDArray, d: int) -> NDArray:
        low = inner**d
        outer = (d + 2) * (1.0 - low) / (1.0 - inner ** (d + 2))
        return outer * (low + (1.0 - low) * special.gammainc(0.5 * d, 0.5 * square)) ** (2.0 / d)

    return _scaled(normal, radius)


def q_gaussian(normal: NDArray[np.float64], q: float = 1.0) -> NDArray[np.float64]:
    """Every coordinate has the q-Gaussian density (1 + (q - 1) b x^2)^(-1/(q - 1)); coordinates are not independent.

    The isotropic law with these projections: for q > 1 a multivariate t of nu = (3 - q)/(q - 1) degrees of freedom, for
    q < 1 the power law with m = 1/(1 - q) - (d - 1)/2, which must be above -1; q = 1 is the Gaussian.

    Raises
    ------
    InputError
        For q >= 5/3, whose rms is infinite, or q too small for the number of dimensions.
    """
    d = normal.shape[1]
    lowest = 1.0 - 2.0 / (d - 3) if d > 3 else -np.inf
    if not lowest < q < 5.0 / 3.0:
        raise InputError(f"q-Gaussian beam: q = {q!r}; expected {lowest:.6g} < q < 5/3 in {d} dimensions")
    if q == 1.0:
        return normal
    if q < 1.0:
        return _scaled(normal, lambda square, d: _power_law(square, d, 1.0 / (1.0 - q) - 0.5 * (d - 1)))
    nu = (3.0 - q) / (q - 1.0)

    def radius(square: NDArray, d: int) -> NDArray:
        inside, outside = special.gammainc(0.5 * d, 0.5 * square), special.gammaincc(0.5 * d, 0.5 * square)
        share = special.betaincinv(0.5 * d, 0.5 * nu, inside)  # r^2/(nu + r^2) of the t law,
        rest = special.betaincinv(0.5 * nu, 0.5 * d, outside)  # and one less it, for the digits of the tail
        return (nu - 2.0) * np.where(share < 0.5, share / (1.0 - share), (1.0 - rest) / rest)

    return _scaled(normal, radius)


def pencil(normal: NDArray[np.float64]) -> NDArray[np.float64]:
    """All particles in one point."""
    return np.zeros_like(normal)


DISTRIBUTIONS: dict[str, Callable[..., NDArray[np.float64]]] = {
    "gaussian": gaussian,
    "kv": kv,
    "waterbag": waterbag,
    "uniform": uniform,
    "parabolic": parabolic,
    "hollow": hollow,
    "q-gaussian": q_gaussian,
    "pencil": pencil,
}


def normalised_beam(
    kind: str,
    particles: int,
    dimensions: int,
    *,
    seed: int = 1,
    quiet: bool = False,
    exact: bool = False,
    **shape: Any,
) -> NDArray[np.float64]:
    """Beam of a named distribution.

    Parameters
    ----------
    kind : str
        One of `DISTRIBUTIONS`.
    particles, seed : int
    dimensions : int
        2, 4 or 6: one, two or three planes (q, p).
    quiet : bool
        Sobol points instead of pseudo-random numbers.
    exact : bool
        Shift and mix the coordinates linearly so that means are 0 and covariances the identity to round-off.
    **shape
        `cut` of the Gaussian, `inner` of the hollow beam, `q` of the q-Gaussian.

    Returns
    -------
    (particles, dimensions) array

    Raises
    ------
    InputError
        For an unknown kind or shape, or a number out of range.
    """
    if kind not in DISTRIBUTIONS:
        raise InputError(f"beam: kind = {kind!r}; expected one of {', '.join(DISTRIBUTIONS)}")
    if dimensions not in (2, 4, 6):
        raise InputError(f"beam: dimensions = {dimensions!r}; expected 2, 4 or 6")
    try:
        beam = DISTRIBUTIONS[kind](normal_numbers(particles, dimensions, seed, quiet), **shape)
    except TypeError:
        raise InputError(f"beam: a {kind} beam has no {' and no '.join(shape)}") from None
    return whitened(beam) if exact and kind != "pencil" else beam


def whitened(beam: NDArray[np.float64]) -> NDArray[np.float64]:
    """The beam shifted and mixed linearly to zero means and unit covariance.

    Raises
    ------
    InputError
        For too few particles to span the coordinates.
    """
    if len(beam) <= beam.shape[1]:
        raise InputError(f"beam: {len(beam)} particles; exact moments need more than {beam.shape[1]} of them")
    centred = beam - beam.mean(axis=0)
    for _ in range(2):  # the second pass removes what round-off left
        root = np.linalg.cholesky(centred.T @ centred / len(centred))
        centred = np.linalg.solve(root, centred.T).T
        centred -= centred.mean(axis=0)
    return centred


def _scaled(normal: NDArray[np.float64], radius: Radius) -> NDArray[np.float64]:
    """Directions of the normal numbers, with squared radii of another law."""
    square = (normal * normal).sum(axis=1)
    return normal * np.sqrt(radius(square, normal.shape[1]) / square)[:, None]


def _by_plane(normal: NDArray[np.float64], radius: Radius) -> NDArray[np.float64]:
    """`_scaled` of each pair of coordinates by itself."""
    return np.hstack([_scaled(normal[:, k : k + 2], radius) for k in range(0, normal.shape[1], 2)])


def _power_law(square: NDArray[np.float64], d: int, m: float) -> NDArray[np.float64]:
    """Squared radii of the density (1 - r^2/R^2)^m."""
    inside = special.gammainc(0.5 * d, 0.5 * square)
    return (d + 2.0 * (m + 1.0)) * special.betaincinv(0.5 * d, m + 1.0, inside)


def _check(**numbers: tuple[int, int]) -> None:
    for name, (value, least) in numbers.items():
        if isinstance(value, bool) or not isinstance(value, (int, np.integer)) or value < least:
            raise InputError(f"beam: {name} = {value!r}; expected an integer of at least {least}")


def _positive(name: str, value: float) -> None:
    if not (np.isfinite(value) and value > 0.0):
        raise InputError(f"beam: {name} = {value!r}; expected a finite number above 0")
