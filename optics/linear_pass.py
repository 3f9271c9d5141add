"""First-order passes through a packed line: orbit and transfer matrices at any places, in one run of the engine."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tpsa.descriptor import Descriptor
from tracking.engine_taylor import propagate
from tracking.pack import PackedLine

FIRST_ORDER = Descriptor(6, 1)


@dataclass(frozen=True)
class Places:
    """Places of a line where results are wanted, the start first.

    Attributes
    ----------
    rows : (n,) int64
        Row of the packed line that begins at each place.
    elements : (n,) int64
        Index of the element that each place is the exit of, or lies in; -1 for the start.
    s : (n,) array
        Position [m].
    """

    rows: NDArray[np.int64]
    elements: NDArray[np.int64]
    s: NDArray[np.float64]

    @classmethod
    def exits(cls, packed: PackedLine) -> Places:
        """The start and the exit of every element."""
        return cls(packed.first_row, np.arange(-1, len(packed.names)), packed.s)

    @classmethod
    def ends(cls, packed: PackedLine) -> Places:
        """The start and the end of the line only."""
        n = len(packed.names)
        return cls(packed.first_row[[0, n]], np.array([-1, n - 1]), packed.s[[0, n]])

    @classmethod
    def slices(cls, packed: PackedLine) -> Places:
        """The start, the exit of every element and every slice boundary inside thick elements.

        Inside an element with misalignment or tilt, coordinates are those of the element's own frame.
        """
        inner = np.where(np.diff(packed.s) != 0.0, np.maximum(packed.count - 1, 0), 0)
        elements = np.repeat(np.arange(inner.size), inner + 1)
        ends = np.cumsum(inner + 1)
        k = np.arange(elements.size) - np.repeat(ends - inner - 1, inner + 1) + 1  # slice number, 1 ... inner + 1
        is_exit = k == np.repeat(inner + 1, inner + 1)
        rows = np.where(
            is_exit, packed.first_row[elements + 1], packed.body_start[elements] + k * packed.body_rows[elements]
        )
        entrance, leave = packed.s[elements], packed.s[elements + 1]
        s = np.where(is_exit, leave, entrance + (leave - entrance) * k / np.maximum(packed.count[elements], 1))
        start = packed.first_row[:1]
        return cls(np.append(start, rows), np.append([-1], elements), np.append(packed.s[:1], s))


@dataclass(frozen=True)
class LinearPass:
    """Orbit and transfer matrices from the start to each place.

    Attributes
    ----------
    orbit : (n, 6) array
        Coordinates (x, px, y, py, zeta, pzeta) [m, 1, m, 1, m, 1].
    matrices : (n, 6, 6) array
        Jacobians of the coordinates with respect to those at the start.
    """

    orbit: NDArray[np.float64]
    matrices: NDArray[np.float64]

    @property
    def finite(self) -> bool:
        """Whether every number is finite."""
        return bool(np.isfinite(self.orbit).all() and np.isfinite(self.matrices).all())

    def moved(self, step: NDArray[np.float64]) -> LinearPass:
        """The pass of an orbit that starts `step` away, to first order."""
        return LinearPass(self.orbit + self.matrices @ step, self.matrices)


def linear_pass(packed: PackedLine, start: ArrayLike, places: Places) -> LinearPass:
    """Orbit and matrices at `places` (the first of them the start of the line) for an orbit from `start` (6,)."""
    coefficients = snapshots(packed, FIRST_ORDER, np.asarray(start, dtype=float), places.rows)
    return LinearPass(coefficients[:, :, 0], coefficients[:, :, 1:7])


def snapshots(
    packed: PackedLine, descriptor: Descriptor, start: NDArray[np.float64], rows: NDArray[np.int64]
) -> NDArray[np.float64]:
    """Coefficients (rows, 6, size) of the map from the start to the beginning of each row; rows may repeat."""
    observed, inverse = np.unique(rows, return_inverse=True)
    return propagate(packed, descriptor, start, observe=observed)[inverse]
