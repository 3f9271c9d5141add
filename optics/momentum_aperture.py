"""Momentum aperture along a ring by tracking: how far a particle's momentum may jump at a place."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from optics.cavities import orbit_dimension, without_rf
from optics.closed_orbit import closed_orbit
from optics.rays import LIMITS, Rays, Search, Survival, borders
from tracking.coordinates import delta_of
from tracking.errors import InputError
from tracking.line import Line

if TYPE_CHECKING:
    import pandas
    from distributed import Client


@dataclass(frozen=True, eq=False)
class MomentumAperture:
    """Momentum jumps that a particle on the closed orbit survives, at the entrances of elements.

    Attributes
    ----------
    names : tuple of str
        Elements, in the order of the line.
    s : (n,) array
        Positions of their entrances [m].
    negative, positive : (n,) arrays
        Jumps of delta = P/p0 - 1 up to which all that were tried survived; negative ones are below 0.
    negative_lost, positive_lost : (n,) arrays
        Smallest jumps that were lost; -infinity and infinity where the search came to its end without a loss.
    turns : int
    """

    names: tuple[str, ...]
    s: NDArray[np.float64]
    negative: NDArray[np.float64]
    positive: NDArray[np.float64]
    negative_lost: NDArray[np.float64]
    positive_lost: NDArray[np.float64]
    turns: int

    @property
    def open(self) -> NDArray[np.bool_]:
        """(n,) whether no loss was found up to the end of the search, on one side at least."""
        return np.isinf(self.negative_lost) | np.isinf(self.positive_lost)

    def to_pandas(self) -> pandas.DataFrame:
        """One row per element, indexed by name: s [m], negative, positive, negative_lost, positive_lost, open."""
        import pandas

        columns = ("s", "negative", "positive", "negative_lost", "positive_lost", "open")
        index = pandas.Index(self.names, name="name")
        return pandas.DataFrame({name: getattr(self, name) for name in columns}, index=index)


def momentum_aperture(
    line: Line,
    at: str | Iterable[str] = "*",
    *,
    turns: int = 1000,
    largest: float = 0.1,
    tolerance: float | None = None,
    points: int = 16,
    dim: int | None = None,
    limits: Mapping[str, float] = LIMITS,
    threads: int = 1,
    seed: int = 0,
    cluster: str | Client | None = None,
    workers: int | None = None,
) -> MomentumAperture:
    """Momentum aperture at the entrances of elements.

    At every place, particles start on the closed orbit with another momentum, as after a collision inside the bunch.
    They go to the end of the line and then through `turns` turns; they survive if they are inside the elements'
    apertures and the limits.

    Parameters
    ----------
    line : Line
    at : str or iterable of str
        Names or patterns of the elements. Neighbours without a length between them have the same aperture.
    turns : int
    largest : float
        Size of the jump of delta at which the search ends, below 1.
    tolerance : float, optional
        The aperture is known to this jump; a thousandth of `largest` by default.
    points : int
        Jumps of either sign that are tracked at a time; the first ones are equally spaced up to `largest`. Momenta that
        a resonance loses are found if they fill more than ``largest/points``.
    dim, limits, threads, seed, cluster, workers
        As of `optics.dynamic_aperture`.

    Returns
    -------
    MomentumAperture

    Raises
    ------
    NoClosedOrbitError, ScanError
    InputError
        For a bad argument, or a name or pattern that no element has.

    Notes
    -----
    The particles of all places go through the turns as one ensemble. Places that share a position share their rays.
    """
    survival = Survival(turns, limits, threads, seed)
    search = Search(largest, largest / 1000.0 if tolerance is None else tolerance, points)
    if largest >= 1.0:
        raise InputError(f"momentum aperture: largest = {largest!r}; expected a jump of delta below 1")
    found = _elements(line, at)
    dim = orbit_dimension(line, dim)
    line = line if dim == 6 else without_rf(line)
    s = line.s[found]
    _, first, place = np.unique(s, return_index=True, return_inverse=True)
    start = closed_orbit(line, dim=dim).orbit[found[first]]
    start[:, 5] = delta_of(start[:, 5], line.reference.beta0)
    direction = np.zeros((2, *start.shape))
    direction[:, :, 5] = [[-1.0], [1.0]]
    rays = Rays(
        np.tile(start, (2, 1)), direction.reshape(-1, 6), np.tile(found[first], 2), np.arange(2 * len(start))
    )
    stable, lost = borders(line, rays, search, survival, cluster, workers).reshape(2, 2, -1)[..., place]
    names = tuple(line.names[i] for i in found)
    return MomentumAperture(names, s, -stable[0], stable[1], -lost[0], lost[1], turns)


def _elements(line: Line, at: str | Iterable[str]) -> NDArray[np.int64]:
    found: set[int] = set()
    for pattern in [at] if isinstance(at, str) else at:
        here = line.find(pattern)
        if not here:
            raise InputError(f"momentum aperture: at = {pattern!r} matches none of {len(line)} elements")
        found.update(here)
    if not found:
        raise InputError("momentum aperture: at is empty; expected names or patterns of elements")
    return np.array(sorted(found))
