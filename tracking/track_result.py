"""What tracking returns."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

CAUSES = ("alive", "not finite", "aperture", "limits")
LOSS = np.dtype(
    [("particle", np.int64), ("turn", np.int64), ("element", np.int64), ("s", np.float64), ("cause", "U12")]
    + [("coordinates", np.float64, 6)]
)


@dataclass(frozen=True)
class TrackResult:
    """Particles after tracking.

    Attributes
    ----------
    coordinates : (n, 6)
        (x, px, y, py, zeta, pzeta) [m, 1, m, 1, m, 1] after the last turn, or where a lost particle was found lost.
    alive : (n,) bool
    lost_turn, lost_element : (n,) int64
        Turn and index of the element at whose exit a particle was found lost, from 0; -1 for survivors.
    cause : (n,) int64
        Index into `CAUSES`.
    lost_s : (n,)
        Position at which a particle was found lost [m]; NaN for survivors.
    turns : int
        Turns done: those asked for, or fewer after Ctrl-C or where a callback ended the tracking.
    """

    coordinates: NDArray[np.float64]
    alive: NDArray[np.bool_]
    lost_turn: NDArray[np.int64]
    lost_element: NDArray[np.int64]
    cause: NDArray[np.int64]
    lost_s: NDArray[np.float64]
    turns: int

    @property
    def losses(self) -> NDArray:
        """Records (particle, turn, element, s, cause, coordinates) of the lost particles, in order of turn, then s."""
        lost = np.flatnonzero(~self.alive)
        lost = lost[np.lexsort((self.lost_element[lost], self.lost_turn[lost]))]
        records = np.empty(lost.size, dtype=LOSS)
        records["particle"] = lost
        records["turn"], records["element"], records["s"] = (
            self.lost_turn[lost], self.lost_element[lost], self.lost_s[lost],
        )  # fmt: skip
        records["cause"] = [CAUSES[k] for k in self.cause[lost]]
        records["coordinates"] = self.coordinates[lost]
        return records
