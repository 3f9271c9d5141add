"""Frequency map: tunes of a grid of particles early and late, and how far they diffuse between.

Source: J. Laskar, "Introduction to frequency map analysis", NATO ASI C533 (1999).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from optics.frequency import FEWEST_TURNS
from optics.mode_signals import ModeFrame
from optics.rays import LIMITS, finite_values, require_integer
from optics.scans import scan
from optics.starts import Starts
from tracking.blocks import BLOCK
from tracking.engine_float import largest_coordinates
from tracking.errors import InputError
from tracking.line import Line

if TYPE_CHECKING:
    import pandas
    from distributed import Client

PART = 4 * BLOCK  # particles tracked and analysed together, on a cluster or not
SMALLEST = 1e-16  # change of tune that is told from none
THIS = "frequency map"


@dataclass(frozen=True, eq=False)
class FrequencyMap:
    """Tunes on a grid of distances from closed orbits.

    Attributes
    ----------
    x, y : (nx,), (ny,) arrays
        Distances from the closed orbit [m].
    deltas : (d,) array
        Momentum deviations [1].
    tunes : (2, d, ny, nx, 2) array
        Tunes of modes 1 and 2, with integer part, in the first and in the second half of the turns; NaN for halves
        that the particle did not survive.
    lost_turn : (d, ny, nx) int64
        Turn of the loss, from 0; -1 for survivors.
    linear_tunes : (2,) array
        Tunes of small amplitudes at delta = 0.
    orbit : (d, 6) array
        Closed orbits (x, px, y, py, zeta, pzeta) that the particles start from.
    turns : int
    """

    x: NDArray[np.float64]
    y: NDArray[np.float64]
    deltas: NDArray[np.float64]
    tunes: NDArray[np.float64]
    lost_turn: NDArray[np.int64]
    linear_tunes: NDArray[np.float64]
    orbit: NDArray[np.float64]
    turns: int

    @property
    def survived(self) -> NDArray[np.bool_]:
        """(d, ny, nx) whether the particle was alive after the last turn."""
        return self.lost_turn < 0

    @property
    def diffusion(self) -> NDArray[np.float64]:
        """(d, ny, nx) log10 of sqrt(dq1^2 + dq2^2) between the halves, at least -16; NaN for lost particles."""
        change = np.diff(self.tunes, axis=0)[0]
        change = (change + 0.5) % 1.0 - 0.5
        return np.log10(np.maximum(np.hypot(change[..., 0], change[..., 1]), SMALLEST))

    def to_pandas(self) -> pandas.DataFrame:
        """One row per particle: delta, x, y [m], q1, q2 (first half), late_q1, late_q2, diffusion, lost_turn."""
        import pandas

        delta, y, x = np.meshgrid(self.deltas, self.y, self.x, indexing="ij")
        (q1, q2), (late_q1, late_q2) = np.moveaxis(self.tunes, -1, 1)
        columns = {"delta": delta, "x": x, "y": y, "q1": q1, "q2": q2, "late_q1": late_q1, "late_q2": late_q2}
        columns |= {"diffusion": self.diffusion, "lost_turn": self.lost_turn}
        return pandas.DataFrame({name: values.ravel() for name, values in columns.items()})


def frequency_map(
    line: Line,
    x: ArrayLike,
    y: ArrayLike = 0.0,
    *,
    deltas: ArrayLike = 0.0,
    turns: int = 1024,
    least: float = 1e-6,
    window: int = 2,
    dim: int | None = None,
    limits: Mapping[str, float] = LIMITS,
    threads: int = 1,
    seed: int = 0,
    cluster: str | Client | None = None,
    workers: int | None = None,
) -> FrequencyMap:
    """Tunes of particles on a grid of distances from the closed orbits of momentum deviations.

    Several `x` and `y` give a map of the (x, y) plane, several `x` and `deltas` one of (x, delta).

    Parameters
    ----------
    line : Line
        Particles start at its first element, parallel to the closed orbit.
    x, y : arrays or floats
        Distances [m].
    deltas : array or float
        Momentum deviations P/p0 - 1.
    turns : int
        Even, at least 32.
    least : float
        Distances of a smaller size are raised to this [m], since a mode that is at rest has no tune.
    window : int
        As of `optics.naff`: 1 tells neighbouring lines apart best; with larger ones they disturb the tune less, so that
        slower diffusion is seen.
    dim, limits, threads, seed
        As of `optics.dynamic_aperture`.
    cluster, workers
        As of `optics.scan`; the same result, bit by bit.

    Returns
    -------
    FrequencyMap

    Raises
    ------
    NoClosedOrbitError, UnstableMotionError
        If there is no closed orbit for one of the deltas, or motion about it is unstable.
    ScanError
        If the work on a cluster fails.
    InputError
        For a bad argument.

    Notes
    -----
    A tune is the frequency of the strongest line of q - i p in normalised coordinates, about the orbit of each delta
    or, with cavities on, about the six-dimensional closed orbit; its integer part is the one that brings it next to
    the tune of small amplitudes. Takes 64 kB per turn; the analysis costs about 0.2 ms per particle and 1000 turns on
    top of the tracking.
    """
    require_integer("turns", turns, 2 * FEWEST_TURNS, THIS)
    if turns % 2:
        raise InputError(f"{THIS}: turns = {turns}; expected an even number, for two halves")
    for name, value, smallest in (("window", window, 0), ("threads", threads, 1), ("seed", seed, 0)):
        require_integer(name, value, smallest, THIS)
    largest_coordinates(limits)
    if not (np.isfinite(least) and least > 0):
        raise InputError(f"{THIS}: least = {least!r}; expected a length above 0 [m]")
    x, y = (_raised(finite_values(name, values, THIS), least) for name, values in (("x", x), ("y", y)))
    starts = Starts.find(line, deltas, dim=dim, of=THIS)
    points = np.tile(starts.orbit[:, None, None], (1, y.size, x.size, 1))
    points[..., 0] += x
    points[..., 2] += y[:, None]
    points = points.reshape(-1, 6)
    about = np.minimum(np.arange(len(points)) // (x.size * y.size), len(starts.closed) - 1)
    frame = ModeFrame.of(starts)
    job = partial(_tunes_of_part, frame, turns, window, {"limits": limits, "threads": threads, "seed": seed})
    parts = [(i, points[i : i + PART], about[i : i + PART]) for i in range(0, len(points), PART)]
    if cluster is None and workers is None:
        found = [job(part) for part in parts]
    else:
        found = scan(job, parts, cluster=cluster, workers=workers)
    shape = (starts.deltas.size, y.size, x.size)
    tunes = np.concatenate([tunes for tunes, _ in found], axis=1).reshape(2, *shape, 2)
    lost_turn = np.concatenate([lost for _, lost in found]).reshape(shape)
    return FrequencyMap(x, y, starts.deltas, tunes, lost_turn, frame.tunes, starts.orbit, turns)


def _tunes_of_part(
    frame: ModeFrame,
    turns: int,
    window: int,
    options: dict[str, Any],
    part: tuple[int, NDArray[np.float64], NDArray[np.int64]],
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Tunes (2, n, 2) of both halves and turns of loss (n,) of particles, given with the number of the first."""
    first, points, about = part
    numbers = first + np.arange(len(points))
    signals, lost_turn = frame.signals(points, about, turns, numbers=numbers, **options)
    halves = np.stack([signals[..., : turns // 2], signals[..., turns // 2 :]])
    return frame.tunes_of(halves, options["threads"], window), lost_turn


def _raised(distances: NDArray[np.float64], least: float) -> NDArray[np.float64]:
    """Distances with their signs, of at least a size."""
    return np.where(distances < 0.0, -1.0, 1.0) * np.maximum(np.abs(distances), least)
