"""Compiled part of particle tracking: a block of particles through the rows of a line, turn by turn.

A block is a (ROWS, BLOCK) array; its first columns hold the living particles, the others copies of the first: six
coordinates, and what their random numbers depend on. Every map is one vectorised loop over full groups of LANES
particles, so that a particle takes the same instructions wherever it stands: results do not depend on the other
particles of its block.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
from numba import carray, types
from numba.extending import intrinsic, register_jitable
from numba.np.unsafe.ndarray import to_fixed_tuple
from numpy.typing import NDArray

from tpsa.context import pointer
from tracking.apertures import inside
from tracking.errors import MapError
from tracking.maps.radiation import mean_loss, motion, photons, recoil
from tracking.pack import PackedLine
from tracking.quantum import DISTRIBUTIONS
from tracking.row_functions import FAILED, address, call_row, njit
from tracking.step import MapFunction
from tracking.user_maps import FIRST_CODE

BLOCK = 256  # particles that go through the line together; constant, so that the compiler knows the strides
PARTICLE, TURN, SEED, DRAWS = range(6, 10)  # rows behind the coordinates: whole numbers
ROWS = 10
LANES = 64  # widest vectors (16, of 32-bit estimates) times the most that the compiler interleaves (4)
ALIVE, NOT_FINITE, OUTSIDE, BEYOND_LIMITS = range(4)
LARGEST = np.finfo(np.float64).max


@intrinsic
def full_vectors(typingctx):
    """Let the function that this is called in use the widest vectors of the processor."""

    def codegen(context, builder, signature, args):
        set.add(builder.function.attributes, '"prefer-vector-width"="512"')  # llvmlite's own list lacks it
        return context.get_dummy_value()

    return types.void(), codegen


@cache
def row_of_particles(count: int) -> Callable[[MapFunction], Callable[..., int]]:
    """Maker of row functions for maps of `count` parameters, known to the compiler so that loops over them unroll."""

    def make(element_map: MapFunction) -> Callable[..., int]:
        def row(block, alive, parameters, given, beta0):
            full_vectors()
            z = carray(pointer(block), 6 * BLOCK, np.float64)
            p = to_fixed_tuple(carray(pointer(parameters), count, np.float64), count)
            for i in range((alive + LANES - 1) & -LANES):
                (
                    z[i], z[i + BLOCK], z[i + 2 * BLOCK], z[i + 3 * BLOCK], z[i + 4 * BLOCK], z[i + 5 * BLOCK]
                ) = element_map(
                    (z[i], z[i + BLOCK], z[i + 2 * BLOCK], z[i + 3 * BLOCK], z[i + 4 * BLOCK], z[i + 5 * BLOCK]),
                    p, beta0,
                )  # fmt: skip
            return 0

        return row

    return make


@cache
def row_of_users_map(count: int) -> Callable[[MapFunction], Callable[..., int]]:
    """Maker of row functions like those of `row_of_particles`, for maps that may raise an error."""

    def make(element_map: MapFunction) -> Callable[..., int]:
        unguarded = register_jitable(row_of_particles(count)(element_map))

        def row(block, alive, parameters, given, beta0):
            try:
                return unguarded(block, alive, parameters, given, beta0)
            except Exception:
                return FAILED

        return row

    return make


@cache
def row_of_photons(code: int, count: int) -> Callable[[MapFunction], Callable[..., int]]:
    """Maker of row functions of quantum radiation with `count` parameters; the map, its mean, is not used."""
    source, draw, vectorised = DISTRIBUTIONS[code]
    lanes = LANES if vectorised else 1

    def make(_: MapFunction) -> Callable[..., int]:
        def row(block, alive, parameters, given, beta0):
            full_vectors()
            z = carray(pointer(block), ROWS * BLOCK, np.float64)
            p = to_fixed_tuple(carray(pointer(parameters), count, np.float64), count)
            for i in range((alive + lanes - 1) & -lanes):
                point = (z[i], z[i + BLOCK], z[i + 2 * BLOCK], z[i + 3 * BLOCK], z[i + 4 * BLOCK], z[i + 5 * BLOCK])
                field_here = source(point, p)
                e, squared, q, field, path = motion(field_here, point[5], beta0)
                number, critical = photons(squared, field, path, p)
                loss, z[i + DRAWS * BLOCK] = draw(
                    mean_loss(squared, q, field, path, p), number, critical,
                    z[i + SEED * BLOCK], z[i + TURN * BLOCK], z[i + PARTICLE * BLOCK], z[i + DRAWS * BLOCK],
                )  # fmt: skip
                (
                    z[i], z[i + BLOCK], z[i + 2 * BLOCK], z[i + 3 * BLOCK], z[i + 4 * BLOCK], z[i + 5 * BLOCK]
                ) = recoil(point, field_here, e, squared, q, loss, beta0)  # fmt: skip
            return 0

        return row

    return make


def line_arrays(packed: PackedLine) -> tuple[Any, ...]:
    """Rows of a line for `track_block`, drifts of an element joined: what does not change from block to block."""
    rows, ends = packed.merged(packed.first_row)
    checked = (np.diff(ends) > 0) | (packed.aperture_kind >= 0)
    checked[-1:] = True
    apertures = packed.aperture_kind, packed.aperture_ptr, packed.aperture_par
    return *_rows(rows), ends, checked, apertures


def _rows(packed: PackedLine) -> tuple[Any, ...]:
    shapes, kinds = packed.shapes
    functions = [address(_maker(code, count), code) for code, count, _ in shapes]
    velocities = np.array([beta0 for *_, beta0 in shapes])
    return kinds, packed.ptr, packed.par, velocities, np.array(functions, dtype=np.int64)


def _maker(code: int, count: int) -> Callable[[MapFunction], Callable[..., int]]:
    """Maker of the row functions of an op code and a number of parameters."""
    if code in DISTRIBUTIONS:
        return row_of_photons(code, count)
    return row_of_users_map(count) if code >= FIRST_CODE else row_of_particles(count)


def trace_rows(packed: PackedLine, start: NDArray[np.float64], observe: NDArray[np.int64]) -> NDArray[np.float64]:
    """(m, 6) coordinates of one particle before each of the observed rows, ascending."""
    block = np.zeros((ROWS, BLOCK))
    block[:6] = start[:, None]
    seen = np.empty((observe.size, 6))
    failed = _trace(block, *_rows(packed), observe, seen)
    if failed >= 0:
        raise map_error(packed, packed.element_of_row(failed))
    return seen


def map_error(packed: PackedLine, element: int) -> MapError:
    """Error of a user's map in an element."""
    return MapError(
        f"tracking: a user's map of element {packed.names[element]!r} (number {element}) raised an error; expected "
        "plain arithmetic that gives nan where the map has no value"
    )


@njit
def _trace(block, kinds, ptr, par, velocities, functions, observe, seen):
    done = 0
    for row in range(kinds.size + 1):
        while done < observe.size and observe[done] == row:
            seen[done] = block[:6, 0]
            done += 1
        if row < kinds.size:
            begin, count = ptr[row], ptr[row + 1] - ptr[row]
            function, beta0 = functions[kinds[row]], velocities[kinds[row]]
            if call_row(function, block.ctypes.data, 1, par.ctypes.data + 8 * begin, count, beta0) < 0:
                return row
    return -1


@njit
def track_block(block, count, line, first_turn, limits, turn_slot, place_slot, which, seen):
    """Take the first `count` particles of a block through the line, once for every entry of `turn_slot`.

    Parameters
    ----------
    block : (ROWS, BLOCK) array
        Coordinates, numbers of the particles and seed; used up: lost particles are overwritten.
    line : tuple
        From `line_arrays`.
    limits : (6,) array
        Largest magnitude of each coordinate, finite.
    turn_slot, place_slot : (turns,), (elements + 1,) arrays of int
        Where in `seen` a turn and the start or an element's exit is kept, -1 if it is not.
    which : (count,) array of int
        Column of `seen` of each particle.
    seen : (kept turns, kept places, 6, particles) array

    Returns
    -------
    final : (6, count) array
        Coordinates after the last turn, or where a particle was found lost.
    losses : (3, count) array of int
        Of each particle: turn, element and cause; -1, -1, 0 for the living.
    failed : int
        Element in which a user's map raised an error, and tracking ended; -1 for none.
    """
    kinds, ptr, par, velocities, functions, ends, checked, apertures = line
    order = np.arange(count)
    losses = np.full((3, count), -1)
    losses[2] = ALIVE
    final = np.empty((6, count))
    alive = count
    for turn in range(turn_slot.size):
        kept = turn_slot[turn]
        block[TURN], block[DRAWS] = first_turn + turn, 0.0
        if kept >= 0 and place_slot[0] >= 0:
            _keep(block, order, alive, which, seen[kept, place_slot[0]])
        for element in range(ends.size - 1):
            for row in range(ends[element], ends[element + 1]):
                begin, numbers = ptr[row], ptr[row + 1] - ptr[row]
                function, beta0 = functions[kinds[row]], velocities[kinds[row]]
                parameters = par.ctypes.data + 8 * begin
                if call_row(function, block.ctypes.data, alive, parameters, numbers, beta0) < 0:
                    return final, losses, element
            if checked[element] and _any_lost(block, alive, apertures, element, limits):
                alive = _remove_lost(
                    block, order, alive, apertures, element, limits, first_turn + turn, losses, final
                )
            if kept >= 0 and place_slot[element + 1] >= 0:
                _keep(block, order, alive, which, seen[kept, place_slot[element + 1]])
        if alive == 0:
            break
    for i in range(alive):
        final[:, order[i]] = block[:6, i]
    return final, losses, -1


@njit
def _keep(block, order, alive, which, seen):
    for c in range(6):
        for i in range(alive):
            seen[c, which[order[i]]] = block[c, i]


@njit
def _any_lost(block, alive, apertures, element, limits):
    """Whether a living particle is beyond a limit, not finite, or outside of an element's aperture."""
    lost = 0
    for c in range(6):
        limit = limits[c]
        for i in range(alive):
            lost |= not abs(block[c, i]) <= limit
    kinds, ptr, par = apertures
    kind = kinds[element]
    if kind >= 0:
        numbers = par[ptr[element] : ptr[element + 1]]
        for i in range(alive):
            lost |= not inside(kind, numbers, block[0, i], block[2, i])
    return lost != 0


@njit
def _cause(block, i, apertures, element, limits):
    """Why particle i is lost, or ALIVE."""
    kinds, ptr, par = apertures
    kind = kinds[element]
    beyond = False
    for c in range(6):
        if not abs(block[c, i]) <= LARGEST:
            return NOT_FINITE
        beyond |= abs(block[c, i]) > limits[c]
    if kind >= 0 and not inside(kind, par[ptr[element] : ptr[element + 1]], block[0, i], block[2, i]):
        return OUTSIDE
    return BEYOND_LIMITS if beyond else ALIVE


@njit
def _remove_lost(block, order, alive, apertures, element, limits, turn, losses, final):
    """Write down the particles lost at an element's exit, and put living ones in their place; how many these are."""
    i = 0
    while i < alive:
        cause = _cause(block, i, apertures, element, limits)
        if cause == ALIVE:
            i += 1
            continue
        alive -= 1
        particle = order[i]
        losses[0, particle], losses[1, particle], losses[2, particle] = turn, element, cause
        final[:, particle] = block[:6, i]
        order[i] = order[alive]
        block[:, i] = block[:, alive]
    for i in range(alive, BLOCK):  # maps go over full groups: they meet living particles only, or a user's might raise
        block[:, i] = block[:, 0]
    return alive
