"""Particle tracking in floats: rows outside, a block of particles inside, lost particles moved out of the way."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tracking.apertures import inside
from tracking.errors import InputError
from tracking.jit import njit
from tracking.line import Line
from tracking.pack import PackedLine, pack
from tracking.step import step
from tracking.user_maps import segments, with_map

BLOCK = 256  # particles that go through the line together
CAUSES = ("alive", "not finite", "aperture")
ALIVE, NOT_FINITE, OUTSIDE = range(3)


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
    """

    coordinates: NDArray[np.float64]
    alive: NDArray[np.bool_]
    lost_turn: NDArray[np.int64]
    lost_element: NDArray[np.int64]
    cause: NDArray[np.int64]


def track(line: Line | PackedLine, particles: ArrayLike, turns: int = 1) -> TrackResult:
    """Track particles through a line.

    Parameters
    ----------
    line : Line or PackedLine
    particles : (n, 6) or (6,) array
        Initial (x, px, y, py, zeta, pzeta) [m, 1, m, 1, m, 1].
    turns : int
        Passes through the line.

    Returns
    -------
    TrackResult
        A particle is lost where its coordinates are not finite or it leaves the aperture at an element's exit.

    Raises
    ------
    InputError
        If the array has another shape, an initial coordinate is not finite, or `turns` is below 0.
    """
    packed = line if isinstance(line, PackedLine) else pack(line)
    z = np.array(particles, dtype=np.float64, ndmin=2)
    if z.ndim != 2 or z.shape[1] != 6:
        raise InputError(f"track: particles of shape {np.shape(particles)}; expected (n, 6) or (6,)")
    if not np.isfinite(z).all():
        bad = int(np.argwhere(~np.isfinite(z))[0, 0])
        raise InputError(f"track: particle {bad} has a coordinate that is not finite; expected finite numbers")
    if turns < 0:
        raise InputError(f"track: turns = {turns!r}; expected at least 0")
    columns = np.ascontiguousarray(z.T)
    losses = np.tile(np.array([[-1], [-1], [0]]), (1, len(z)))
    for start in range(0, len(z), BLOCK):
        _track_block(packed, columns[:, start : start + BLOCK], losses[:, start : start + BLOCK], turns)
    return TrackResult(columns.T.copy(), losses[2] == 0, losses[0], losses[1], losses[2])


def trace(packed: PackedLine, start: ArrayLike, observe: ArrayLike) -> NDArray[np.float64]:
    """Coordinates of one particle before each of the given rows; not finite from where it is lost.

    Parameters
    ----------
    packed : PackedLine
    start : (6,) array
    observe : (m,) array of int
        Ascending row numbers; the number of rows itself stands for the end of the line.

    Returns
    -------
    (m, 6) array
    """
    rows = np.asarray(observe, dtype=np.int64)
    z = np.array(start, dtype=np.float64)
    seen = np.empty((rows.size, 6))
    for first, last, code in segments(packed.ops, 0, packed.n_rows):
        with_map(trace_rows, code)(z, *_rows(packed), first, last, rows, seen)
    seen[rows == packed.n_rows] = z
    return seen


@njit
def track_rows(block, order, alive, ops, ptr, par, beta0, ends, apertures, element, first, last, turn, turns, losses):
    """Take the first `alive` columns of a block through rows first to last, `turns` times; the number still alive.

    ends: the row behind each element's last; apertures: their kinds, and where in the numbers theirs begin.
    """
    for t in range(turn, turn + turns):
        e = element
        for row in range(first, last):
            op, p = ops[row], par[ptr[row] : ptr[row + 1]]
            for i in range(alive):
                z = step(op, (block[0, i], block[1, i], block[2, i], block[3, i], block[4, i], block[5, i]), p, beta0)
                block[0, i], block[1, i], block[2, i], block[3, i], block[4, i], block[5, i] = z
            while e < ends.size and ends[e] <= row + 1:
                alive = remove_lost(block, order, alive, apertures, t, e, losses)
                e += 1
    return alive


@njit
def trace_rows(z, ops, ptr, par, beta0, first, last, observe, seen):
    """Take one particle z, changed in place, through rows first to last; its coordinates before the observed rows."""
    k = np.searchsorted(observe, first)
    for row in range(first, last):
        while k < observe.size and observe[k] == row:
            seen[k] = z
            k += 1
        z[0], z[1], z[2], z[3], z[4], z[5] = step(
            ops[row], (z[0], z[1], z[2], z[3], z[4], z[5]), par[ptr[row] : ptr[row + 1]], beta0
        )


@njit
def remove_lost(block, order, alive, apertures, turn, element, losses):
    """Move the particles that are lost at an element's exit behind the living ones; the number still alive."""
    kinds, ptr, par = apertures
    kind, numbers = kinds[element], par[ptr[element] : ptr[element + 1]]
    i = 0
    while i < alive:
        total = block[0, i] + block[1, i] + block[2, i] + block[3, i] + block[4, i] + block[5, i]
        cause = ALIVE
        if not np.isfinite(total):
            cause = NOT_FINITE
        elif kind >= 0 and not inside(kind, numbers, block[0, i], block[2, i]):
            cause = OUTSIDE
        if cause == ALIVE:
            i += 1
            continue
        alive -= 1
        particle = order[i]
        losses[0, particle], losses[1, particle], losses[2, particle] = turn, element, cause
        order[i], order[alive] = order[alive], particle
        for c in range(6):
            block[c, i], block[c, alive] = block[c, alive], block[c, i]
    return alive


def _rows(packed: PackedLine) -> tuple[Any, ...]:
    return packed.ops, packed.ptr, packed.par, packed.beta0


def _track_block(packed: PackedLine, block: NDArray[np.float64], losses: NDArray[np.int64], turns: int) -> None:
    """Track one block in place; at the end every particle is back in its own column."""
    order = np.arange(block.shape[1])
    columns = np.ascontiguousarray(block)
    alive = block.shape[1]
    ends = packed.first_row[1:]
    apertures = packed.aperture_kind, packed.aperture_ptr, packed.aperture_par
    spans = segments(packed.ops, 0, packed.n_rows)
    at_once = turns if len(spans) == 1 else 1
    for turn in range(0, turns, at_once):
        for first, last, code in spans:
            element = int(np.searchsorted(ends, first, side="right")) if first else 0
            alive = with_map(track_rows, code)(
                columns, order, alive, *_rows(packed), ends, apertures, element, first, last, turn, at_once, losses
            )
    block[:, order] = columns
