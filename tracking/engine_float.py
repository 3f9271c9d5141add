"""Particle tracking in floats: rows outside, a block of particles inside, lost particles moved out of the way."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numba import carray
from numpy.typing import ArrayLike, NDArray

from tpsa.context import pointer
from tracking.apertures import inside
from tracking.errors import InputError
from tracking.line import Line
from tracking.pack import PackedLine, pack
from tracking.row_functions import addresses, call_row, njit
from tracking.step import MapFunction

BLOCK = 256  # particles that go through the line together; constant, so that the compiler knows the strides
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
    block = np.zeros((6, BLOCK))
    block[:, 0] = start
    seen = np.empty((rows.size, 6))
    _trace_rows(block, *_rows(packed), rows, seen)
    return seen


def row_of_particles(element_map: MapFunction) -> Callable[..., int]:
    """Row function: the first `alive` particles of a block through a map."""

    def row(block, alive, parameters, count, beta0):
        z = carray(pointer(block), 6 * BLOCK, np.float64)
        p = carray(pointer(parameters), count, np.float64)
        for i in range(alive):
            (
                z[i], z[i + BLOCK], z[i + 2 * BLOCK], z[i + 3 * BLOCK], z[i + 4 * BLOCK], z[i + 5 * BLOCK]
            ) = element_map(
                (z[i], z[i + BLOCK], z[i + 2 * BLOCK], z[i + 3 * BLOCK], z[i + 4 * BLOCK], z[i + 5 * BLOCK]), p, beta0
            )  # fmt: skip
        return 0

    return row


@njit
def _track_rows(block, order, alive, kinds, ptr, par, beta0, functions, ends, apertures, turns, losses):
    """Take the first `alive` particles of a block through the line, `turns` times.

    ends: the row behind each element's last; apertures: their kinds, and where in the numbers theirs begin.
    """
    for turn in range(turns):
        element = 0
        for row in range(kinds.size + 1):
            while element < ends.size and ends[element] <= row:
                alive = _remove_lost(block, order, alive, apertures, turn, element, losses)
                element += 1
            if row < kinds.size:
                begin, count = ptr[row], ptr[row + 1] - ptr[row]
                parameters = par.ctypes.data + 8 * begin
                call_row(functions[kinds[row]], block.ctypes.data, alive, parameters, count, beta0)


@njit
def _trace_rows(block, kinds, ptr, par, beta0, functions, observe, seen):
    """Take one particle through the line; its coordinates before the observed rows."""
    done = 0
    for row in range(kinds.size + 1):
        while done < observe.size and observe[done] == row:
            seen[done] = block[:, 0]
            done += 1
        if row < kinds.size:
            begin, count = ptr[row], ptr[row + 1] - ptr[row]
            parameters = par.ctypes.data + 8 * begin
            call_row(functions[kinds[row]], block.ctypes.data, 1, parameters, count, beta0)


@njit
def _remove_lost(block, order, alive, apertures, turn, element, losses):
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
    functions = addresses(row_of_particles, packed.codes)
    return packed.kinds, packed.ptr, packed.par, packed.beta0, functions


def _track_block(packed: PackedLine, particles: NDArray[np.float64], losses: NDArray[np.int64], turns: int) -> None:
    """Track (6, n) particles in place, n at most BLOCK; in the end every particle is back in its own column."""
    count = particles.shape[1]
    block = np.zeros((6, BLOCK))
    block[:, :count] = particles
    order = np.arange(count)
    apertures = packed.aperture_kind, packed.aperture_ptr, packed.aperture_par
    _track_rows(block, order, count, *_rows(packed), packed.first_row[1:], apertures, turns, losses)
    particles[:, order] = block[:, :count]
