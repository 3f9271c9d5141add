"""What to keep of tracked particles: at which places and turns, and in which form."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Sequence
from fnmatch import fnmatchcase

import numpy as np
from numpy.typing import NDArray

from tracking.beams.statistics import eigen_emittances, moments, projected_emittances
from tracking.coordinates import COORDINATES
from tracking.errors import InputError
from tracking.pack import PackedLine

Place = str | int


class TurnMonitor(ABC):
    """Base of the monitors.

    Parameters
    ----------
    at : sequence of str or int, or one of them, optional
        Elements at whose exits particles are seen: names, patterns with ``*?[]``, or indices. ``"start"`` stands for
        the start of the line, which a line with an element of that name hides. The end of the line by default.
    turns : slice or sequence of int, optional
        Turns, from 0, in which they are seen; all by default.

    Attributes
    ----------
    places : tuple of str
        Names of the places, in the order of the line; known once tracking has begun, like `s` [m].
    seen_turns : (t,) int64
        Turns seen so far.
    """

    def __init__(self, at: Place | Sequence[Place] | None = None, turns: slice | Sequence[int] | None = None) -> None:
        self.at = (at,) if isinstance(at, (str, int)) else at
        self.turns = turns
        self.places: tuple[str, ...] = ()
        self.s = np.zeros(0)

    def begin(self, packed: PackedLine, particles: int) -> NDArray[np.int64]:
        """Forget what was seen; numbers of the places to see, 0 for the start and i + 1 for the exit of element i."""
        found = _boundaries(packed, self.at)
        self.places = tuple("start" if i == 0 else packed.names[i - 1] for i in found)
        self.s = packed.s[found]
        self.restore({})
        return found

    def wants(self, turn: int) -> bool:
        """Whether a turn is to be seen."""
        if self.turns is None:
            return True
        if isinstance(self.turns, slice):
            step = self.turns.step or 1
            start = self.turns.start or 0
            return turn >= start and (self.turns.stop is None or turn < self.turns.stop) and (turn - start) % step == 0
        return turn in self.turns

    @abstractmethod
    def add(self, turns: NDArray[np.int64], seen: NDArray[np.float64]) -> None:
        """Take coordinates (turns, places, 6, particles), NaN for lost particles."""

    @abstractmethod
    def state(self) -> dict[str, NDArray]:
        """What was seen, for a checkpoint."""

    @abstractmethod
    def restore(self, state: dict[str, NDArray]) -> None:
        """Go back to what was seen at a checkpoint; to nothing where `state` is empty."""


class ParticleMonitor(TurnMonitor):
    """Coordinates of every particle, in memory: 8 bytes per number kept.

    Parameters
    ----------
    at, turns
        As of `TurnMonitor`.
    coordinates : sequence of str
        Coordinates to keep, all six by default.
    last : int, optional
        Keep only that many of the latest turns.
    """

    def __init__(
        self,
        at: Place | Sequence[Place] | None = None,
        turns: slice | Sequence[int] | None = None,
        coordinates: Sequence[str] = COORDINATES,
        last: int | None = None,
    ) -> None:
        super().__init__(at, turns)
        self.coordinates = tuple(coordinates)
        self.rows = coordinate_rows(self.coordinates)
        if last is not None and last < 1:
            raise InputError(f"ParticleMonitor: last = {last!r}; expected at least one turn, or None for all")
        self.last = last

    def add(self, turns: NDArray[np.int64], seen: NDArray[np.float64]) -> None:
        self._turns.extend(turns.tolist())
        self._data.extend(np.moveaxis(one[:, self.rows], 1, 2).copy() for one in seen)

    def state(self) -> dict[str, NDArray]:
        return {"turns": self.seen_turns, "data": self.data}

    def restore(self, state: dict[str, NDArray]) -> None:
        self._turns: deque[int] = deque(state["turns"].tolist() if state else (), maxlen=self.last)
        self._data: deque[NDArray] = deque(state["data"] if state else (), maxlen=self.last)

    @property
    def seen_turns(self) -> NDArray[np.int64]:
        """(t,) turns kept."""
        return np.array(self._turns, dtype=np.int64)

    @property
    def data(self) -> NDArray[np.float64]:
        """(t, places, particles, coordinates); NaN from where a particle is lost."""
        if not self._data:
            return np.zeros((0, len(self.places), 0, len(self.coordinates)))
        return np.array(self._data)


class MomentMonitor(TurnMonitor):
    """Moments of the living particles, in memory: 64 numbers per place and turn.

    Attributes
    ----------
    survivors : (t, places) int64
    mean, minimum, maximum : (t, places, 6)
    covariance : (t, places, 6, 6)
        Divided by the number of particles; NaN where none is left.
    """

    FIELDS = ("survivors", "mean", "minimum", "maximum", "covariance")

    def add(self, turns: NDArray[np.int64], seen: NDArray[np.float64]) -> None:
        for turn, places in zip(turns.tolist(), seen, strict=True):
            found = [moments(place.T) for place in places]
            self._seen["turns"].append(turn)
            for name in self.FIELDS:
                self._seen[name].append(np.array([getattr(one, name) for one in found]))

    def state(self) -> dict[str, NDArray]:
        return {name: np.array(values) for name, values in self._seen.items()}

    def restore(self, state: dict[str, NDArray]) -> None:
        self._seen = {name: list(state[name]) if state else [] for name in ("turns", *self.FIELDS)}

    def __getattr__(self, name: str) -> NDArray:
        if name not in self.FIELDS:
            raise AttributeError(f"{type(self).__name__} has no attribute {name!r}")
        return np.array(self._seen[name])

    @property
    def seen_turns(self) -> NDArray[np.int64]:
        """(t,) turns seen."""
        return np.array(self._seen["turns"], dtype=np.int64)

    @property
    def emittance(self) -> NDArray[np.float64]:
        """(t, places, 3) projected emittances sqrt(<q^2><p^2> - <qp>^2) of (x, px), (y, py), (zeta, pzeta) [m]."""
        return projected_emittances(self.covariance)

    @property
    def eigen_emittance(self) -> NDArray[np.float64]:
        """(t, places, 3) mode emittances [m], which linear symplectic motion keeps; see `BeamMoments`."""
        seen = self.covariance
        return np.array([eigen_emittances(one) for one in seen.reshape(-1, 6, 6)]).reshape(*seen.shape[:-2], 3)


def coordinate_rows(names: Sequence[str]) -> list[int]:
    """Numbers of coordinates.

    Raises
    ------
    InputError
        For an unknown name.
    """
    for name in names:
        if name not in COORDINATES:
            raise InputError(f"monitor: coordinate {name!r}; expected some of {COORDINATES}")
    return [COORDINATES.index(name) for name in names]


def _boundaries(packed: PackedLine, at: Sequence[Place] | None) -> NDArray[np.int64]:
    if at is None:
        return np.array([len(packed.names)])
    found: set[int] = set()
    for place in at:
        matching = _matching(packed.names, place)
        if not matching:
            raise InputError(
                f"monitor: at = {place!r} matches none of {len(packed.names)} elements; expected a name, a pattern "
                "with * ? [], an index, or 'start'"
            )
        found.update(matching)
    return np.array(sorted(found), dtype=np.int64)


def _matching(names: Sequence[str], place: Place) -> list[int]:
    if isinstance(place, int):
        return [place % len(names) + 1] if -len(names) <= place < len(names) else []
    wanted = place.lower()
    lower = [name.lower() for name in names]
    found = [i + 1 for i, name in enumerate(lower) if name == wanted or name.rpartition(":")[0] == wanted]
    if found:
        return found
    return [0] if wanted == "start" else [i + 1 for i, name in enumerate(lower) if fnmatchcase(name, wanted)]
