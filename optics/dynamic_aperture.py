"""Dynamic aperture by tracking: the border of stable motion along rays, and survival on a grid."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray

from optics.rays import LIMITS, Rays, Search, Survival, borders, finite_values, require_integer
from optics.scans import scan
from optics.starts import Starts
from tracking.blocks import BLOCK
from tracking.errors import InputError
from tracking.line import Line

if TYPE_CHECKING:
    import pandas
    from distributed import Client

TASK = 4 * BLOCK  # particles of one task of a cluster


@dataclass(frozen=True, eq=False)
class DynamicAperture:
    """Border of stable motion in the (x, y) plane about closed orbits.

    Attributes
    ----------
    angles : (a,) array
        Angles of the rays from the x axis [rad].
    deltas : (d,) array
        Momentum deviations [1].
    stable : (d, a) array
        Largest amplitude below which all that were tried survived [units of `scale`].
    lost : (d, a) array
        Smallest amplitude that was lost; infinity where the search came to its end without a loss (`open`).
    scale : (2,) array
        Length of one unit of amplitude in x and y [m].
    orbit : (d, 6) array
        Closed orbits (x, px, y, py, zeta, pzeta) that the amplitudes count from.
    turns : int
    """

    angles: NDArray[np.float64]
    deltas: NDArray[np.float64]
    stable: NDArray[np.float64]
    lost: NDArray[np.float64]
    scale: NDArray[np.float64]
    orbit: NDArray[np.float64]
    turns: int

    @property
    def x(self) -> NDArray[np.float64]:
        """(d, a) horizontal distance of the border from the closed orbit [m]."""
        return self.scale[0] * self.stable * np.cos(self.angles)

    @property
    def y(self) -> NDArray[np.float64]:
        """(d, a) vertical distance of the border from the closed orbit [m]."""
        return self.scale[1] * self.stable * np.sin(self.angles)

    @property
    def open(self) -> NDArray[np.bool_]:
        """(d, a) whether no loss was found up to the end of the search."""
        return np.isinf(self.lost)

    @property
    def area(self) -> NDArray[np.float64]:
        """(d,) area of the triangles between neighbouring rays [m^2]."""
        sectors = self.stable[:, 1:] * self.stable[:, :-1] * np.sin(np.diff(self.angles))
        return 0.5 * self.scale.prod() * sectors.sum(axis=1)

    def to_pandas(self) -> pandas.DataFrame:
        """One row per delta and angle: delta, angle [rad], stable, lost [units of `scale`], x, y [m], open."""
        import pandas

        delta, angle = np.meshgrid(self.deltas, self.angles, indexing="ij")
        columns = {"delta": delta, "angle": angle, "stable": self.stable, "lost": self.lost}
        columns |= {"x": self.x, "y": self.y, "open": self.open}
        return pandas.DataFrame({name: values.ravel() for name, values in columns.items()})


@dataclass(frozen=True, eq=False)
class ApertureGrid:
    """Survival on a grid of amplitudes about closed orbits.

    Attributes
    ----------
    x, y : (nx,), (ny,) arrays
        Distances from the closed orbit [m].
    deltas : (d,) array
        Momentum deviations [1].
    lost_turn : (d, ny, nx) int64
        Turn of the loss, from 0; -1 for survivors.
    orbit : (d, 6) array
        Closed orbits (x, px, y, py, zeta, pzeta).
    turns : int
    """

    x: NDArray[np.float64]
    y: NDArray[np.float64]
    deltas: NDArray[np.float64]
    lost_turn: NDArray[np.int64]
    orbit: NDArray[np.float64]
    turns: int

    @property
    def survived(self) -> NDArray[np.bool_]:
        """(d, ny, nx) whether the particle was alive after the last turn."""
        return self.lost_turn < 0

    def to_pandas(self) -> pandas.DataFrame:
        """One row per particle: delta, x, y [m], lost_turn, survived."""
        import pandas

        delta, y, x = np.meshgrid(self.deltas, self.y, self.x, indexing="ij")
        columns = {"delta": delta, "x": x, "y": y, "lost_turn": self.lost_turn, "survived": self.survived}
        return pandas.DataFrame({name: values.ravel() for name, values in columns.items()})


def dynamic_aperture(
    line: Line,
    *,
    angles: int | ArrayLike = 19,
    deltas: ArrayLike = 0.0,
    turns: int = 1000,
    largest: float = 0.05,
    tolerance: float | None = None,
    scale: tuple[float, float] = (1.0, 1.0),
    points: int = 8,
    at: str | None = None,
    dim: int | None = None,
    limits: Mapping[str, float] = LIMITS,
    threads: int = 1,
    seed: int = 0,
    cluster: str | Client | None = None,
    workers: int | None = None,
) -> DynamicAperture:
    """Border of stable motion along rays in the (x, y) plane.

    Particles start `amplitude` (scale_x cos(angle), scale_y sin(angle)) away from the closed orbit of their momentum,
    parallel to it. They survive if they are inside the elements' apertures and the limits for all turns.

    Parameters
    ----------
    line : Line
    angles : int or array
        Number of equal steps plus one from 0 to pi, or the angles themselves, ascending [rad].
    deltas : array or float
        Momentum deviations P/p0 - 1.
    turns : int
    largest : float
        Amplitude at which the search ends [units of `scale`].
    tolerance : float, optional
        The border is known to this amplitude; a thousandth of `largest` by default.
    scale : (float, float)
        Length of one unit of amplitude in x and y [m], such as the beam sizes.
    points : int
        Amplitudes of every ray that are tracked at a time; the first ones are equally spaced up to `largest`, so that
        losses inside the border are found if they fill more than ``largest/points``.
    at : str, optional
        Element at whose exit particles start; the start of the line when left out.
    dim : {4, 6}, optional
        4: cavities and radiation off; 6: both as the line has them. When left out, 6 where an accelerating cavity is
        powered.
    limits, threads, seed
        As of `tracking.track`; (x, y) within 1 m by default.
    cluster, workers
        As of `optics.scan`; the same result, bit by bit.

    Returns
    -------
    DynamicAperture

    Raises
    ------
    NoClosedOrbitError
        If there is none for one of the deltas, which is named.
    ScanError
        If the work on a cluster fails.
    InputError
        For a bad argument.

    Notes
    -----
    Costs ``points`` times the number of rays particles for ``turns``, once for every power of ``points + 1`` in
    largest/(points tolerance), and once more. With cavities on, the orbits of deltas are those with the cavities off,
    moved as a whole so that the one of the reference energy is the six-dimensional closed orbit.
    """
    survival = Survival(turns, limits, threads, seed)
    angles = np.linspace(0.0, np.pi, _count(angles)) if isinstance(angles, int) else finite_values("angles", angles)
    scale = finite_values("scale", scale)
    if np.any(np.diff(angles) <= 0):
        raise InputError(f"dynamic aperture: angles = {angles}; expected ascending ones")
    if scale.shape != (2,) or np.any(scale <= 0):
        raise InputError(f"dynamic aperture: scale = {scale}; expected two lengths above 0 [m]")
    search = Search(largest, largest / 1000.0 if tolerance is None else tolerance, points)
    starts = Starts.find(line, deltas, at, dim)
    deltas = starts.deltas
    start = np.repeat(starts.orbit_with_delta(), angles.size, axis=0)
    direction = np.zeros_like(start)
    direction[:, 0] = np.tile(scale[0] * np.cos(angles), deltas.size)
    direction[:, 2] = np.tile(scale[1] * np.sin(angles), deltas.size)
    rays = Rays(start, direction, np.full(len(start), starts.element), np.arange(len(start)))
    found = borders(starts.line, rays, search, survival, cluster, workers)
    stable, lost = found.reshape(2, deltas.size, angles.size)
    return DynamicAperture(angles, deltas, stable, lost, scale, starts.orbit, turns)


def aperture_grid(
    line: Line,
    x: ArrayLike,
    y: ArrayLike,
    *,
    deltas: ArrayLike = 0.0,
    turns: int = 1000,
    at: str | None = None,
    dim: int | None = None,
    limits: Mapping[str, float] = LIMITS,
    threads: int = 1,
    seed: int = 0,
    cluster: str | Client | None = None,
    workers: int | None = None,
) -> ApertureGrid:
    """Survival of particles on a grid of distances x, y [m] from the closed orbit.

    Parameters
    ----------
    line : Line
    x, y : arrays
        Distances [m].
    deltas, turns, at, dim, limits, threads, seed, cluster, workers
        As of `dynamic_aperture`.

    Returns
    -------
    ApertureGrid

    Raises
    ------
    NoClosedOrbitError, ScanError, InputError
        As of `dynamic_aperture`.
    """
    survival = Survival(turns, limits, threads, seed)
    x, y = finite_values("x", x), finite_values("y", y)
    starts = Starts.find(line, deltas, at, dim)
    deltas = starts.deltas
    points = np.tile(starts.orbit_with_delta()[:, None, None], (1, y.size, x.size, 1))
    points[..., 0] += x
    points[..., 2] += y[:, None]
    points = points.reshape(-1, 6)
    lost_turn = partial(_lost_turn, starts.line, survival, starts.element)
    if cluster is None and workers is None:
        lost = lost_turn((0, points))
    else:
        parts = [(i, points[i : i + TASK]) for i in range(0, len(points), TASK)]
        lost = np.concatenate(scan(lost_turn, parts, cluster=cluster, workers=workers))
    return ApertureGrid(x, y, deltas, lost.reshape(deltas.size, y.size, x.size), starts.orbit, turns)


def _lost_turn(line: Line, survival: Survival, element: int, part: tuple[int, NDArray]) -> NDArray[np.int64]:
    """Turns of loss of a part of the grid, given with the number of its first particle."""
    first, points = part
    return survival.lost_turn(line, points, np.full(len(points), element), first + np.arange(len(points)))


def _count(angles: int) -> int:
    require_integer("angles", angles, 2)
    return angles
