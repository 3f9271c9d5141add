"""Borders of stable motion along rays of initial conditions, found by tracking.

Every ray is searched from the inside: some amplitudes at a time are tracked, and the interval between the last stable
one and the first that is lost is divided again, until it is short enough. The amplitudes of all rays go through the
ring together, as one ensemble per step; what is lost costs nothing from then on.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from math import ceil, log
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray

from optics.scans import scan
from tracking.blocks import BLOCK
from tracking.coordinates import pzeta_of
from tracking.engine_float import largest_coordinates, track
from tracking.errors import InputError
from tracking.line import Line
from tracking.pack import pack

if TYPE_CHECKING:
    from distributed import Client

ON_THE_WAY = 2**52  # added to numbers of particles on their way to the end of the line: other draws than in turn 0
LIMITS: Mapping[str, float] = {"x": 1.0, "y": 1.0}  # [m]; beyond them a particle of any ring is lost


@dataclass(frozen=True)
class Rays:
    """Initial conditions start + amplitude direction at the entrances of elements.

    Attributes
    ----------
    start, direction : (n, 6) arrays
        In (x, px, y, py, zeta, delta) [m, 1, m, 1, m, 1], and that per unit of amplitude.
    element : (n,) int64
        Index of the element at whose entrance each ray starts; the number of elements stands for the end of the line.
    number : (n,) int64
        Tells the rays of a search apart, from 0.
    """

    start: NDArray[np.float64]
    direction: NDArray[np.float64]
    element: NDArray[np.int64]
    number: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.start)

    def __getitem__(self, which: slice | NDArray) -> Rays:
        return Rays(self.start[which], self.direction[which], self.element[which], self.number[which])

    def points(self, amplitudes: NDArray[np.float64]) -> NDArray[np.float64]:
        """(n, k, 6) coordinates for amplitudes (n, k), with delta as the last."""
        return self.start[:, None] + amplitudes[..., None] * self.direction[:, None]


@dataclass(frozen=True)
class Survival:
    """How to find out whether particles survive: passes through the ring, apertures and limits.

    turns : passes through the whole line, after the way from where a particle starts to the line's end
    limits, threads, seed : as of `tracking.track`
    """

    turns: int
    limits: Mapping[str, float]
    threads: int = 1
    seed: int = 0

    def __post_init__(self) -> None:
        for name, least in (("turns", 1), ("threads", 1), ("seed", 0)):
            require_integer(name, getattr(self, name), least)
        largest_coordinates(self.limits)

    def lost_turn(
        self, line: Line, points: NDArray[np.float64], element: NDArray[np.int64], numbers: NDArray[np.int64]
    ) -> NDArray[np.int64]:
        """(n,) turn in which particles from `points` (n, 6) with delta are lost, -1 for survivors.

        For particles that start inside the line, turn 0 is the way to its end. Random draws follow from `numbers` (n,).
        """
        packed = pack(line)
        z = points.copy()
        z[:, 5] = pzeta_of(points[:, 5], packed.beta0)
        lost = np.full(len(z), -1)
        inside = (element > 0) & (element < len(line))
        for first in np.unique(element[inside]).tolist():
            here = np.flatnonzero(element == first)
            result = track(
                packed.section(first), z[here], limits=self.limits, seed=self.seed, numbers=numbers[here] + ON_THE_WAY
            )
            lost[here[~result.alive]] = 0
            z[here] = result.coordinates
        alive = np.flatnonzero(lost < 0)
        result = track(
            packed, z[alive], self.turns, threads=self.threads, limits=self.limits, seed=self.seed,
            numbers=numbers[alive],
        )  # fmt: skip
        if result.turns < self.turns:
            raise KeyboardInterrupt
        lost[alive] = np.where(result.alive, -1, result.lost_turn + inside[alive])
        return lost


@dataclass(frozen=True)
class Search:
    """How far and how finely rays are searched.

    largest : amplitude at which the search ends; tolerance : interval that is not divided any more; points : amplitudes
    of one ray that are tracked at a time.
    """

    largest: float
    tolerance: float
    points: int

    def __post_init__(self) -> None:
        for name in ("largest", "tolerance"):
            value = getattr(self, name)
            if not (np.isfinite(value) and value > 0):
                raise InputError(f"aperture search: {name} = {value!r}; expected a finite number above 0")
        require_integer("points", self.points, 1)

    @property
    def divisions(self) -> int:
        """How often the interval of the first step is divided."""
        first = self.largest / self.points
        return max(0, ceil(log(first / self.tolerance) / log(self.points + 1) - 1e-9))


def borders(
    line: Line,
    rays: Rays,
    search: Search,
    survival: Survival,
    cluster: str | Client | None = None,
    workers: int | None = None,
) -> NDArray[np.float64]:
    """Largest stable amplitude of every ray, and the smallest above it that was lost.

    Returns
    -------
    (2, n) array
        0 in the first row where no tested amplitude is stable; infinity in the second where none is lost.
    """
    if cluster is None and workers is None:
        return _borders(line, search, survival, rays)
    size = max(1, BLOCK // search.points)
    parts = [rays[i : i + size] for i in range(0, len(rays), size)]
    return np.hstack(scan(partial(_borders, line, search, survival), parts, cluster=cluster, workers=workers))


def _borders(line: Line, search: Search, survival: Survival, rays: Rays) -> NDArray[np.float64]:
    k = search.points
    stable, lost = np.zeros(len(rays)), np.full(len(rays), np.inf)
    fractions = np.arange(1, k + 1) / k
    amplitudes = np.tile(search.largest * fractions, (len(rays), 1))
    for division in range(search.divisions + 1):
        searched = np.flatnonzero(np.isfinite(lost)) if division else np.arange(len(rays))
        if not searched.size:
            break
        if division:
            steps = np.arange(1, k + 1) / (k + 1)
            amplitudes = stable[searched, None] + (lost - stable)[searched, None] * steps
        part = rays[searched]
        numbers = part.number[:, None] * k * (search.divisions + 1) + division * k + np.arange(k)
        points = part.points(amplitudes).reshape(-1, 6)
        turns = survival.lost_turn(line, points, np.repeat(part.element, k), numbers.ravel())
        survivors = np.minimum.accumulate(turns.reshape(-1, k) < 0, axis=1).sum(axis=1)
        ladder = np.column_stack([stable[searched], amplitudes, lost[searched]])
        rows = np.arange(searched.size)
        stable[searched], lost[searched] = ladder[rows, survivors], ladder[rows, survivors + 1]
    return np.stack([stable, lost])


def require_integer(name: str, value: object, least: int, of: str = "aperture search") -> None:
    """Check an argument that counts something, `of` a function that the error names.

    Raises
    ------
    InputError
        If it is no integer of at least `least`.
    """
    if isinstance(value, bool) or not isinstance(value, (int, np.integer)) or value < least:
        raise InputError(f"{of}: {name} = {value!r}; expected an integer of at least {least}")


def finite_values(name: str, values: ArrayLike, of: str = "aperture search") -> NDArray[np.float64]:
    """(n,) array of at least one finite number, `of` a function that the error names.

    Raises
    ------
    InputError
        For anything else.
    """
    found = np.atleast_1d(np.asarray(values, dtype=float))
    if found.ndim != 1 or not found.size or not np.isfinite(found).all():
        raise InputError(f"{of}: {name} = {values!r}; expected finite numbers in one dimension")
    return found
