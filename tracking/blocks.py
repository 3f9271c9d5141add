"""Compiled part of particle tracking: a block of particles through the rows of a line, turn by turn.

A block is a (ROWS, BLOCK) array; its first columns hold the living particles, the others copies of the first: six
coordinates, and what their random numbers depend on. Every map goes over full groups of particles, so that a particle
takes the same instructions wherever it stands: results do not depend on the other particles of its block.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from tracking.apertures import Kind, inside
from tracking.errors import MapError
from tracking.pack import PackedLine
from tracking.particle_rows import (
    BLOCK,
    DRAWS,
    TURN,
    empty_block,
    full_vectors,
    groups_of_rows,
    kinds_of_groups,
    row_function,
)
from tracking.row_functions import call_row, njit

ALIVE, NOT_FINITE, OUTSIDE, BEYOND_LIMITS = range(4)
LARGEST = np.finfo(np.float64).max


def line_arrays(packed: PackedLine) -> tuple[Any, ...]:
    """Rows of a line for `track_block`, drifts of an element joined: what does not change from block to block."""
    rows, begins, ends = packed.remembered("groups of rows", _grouped)
    checked = (np.diff(ends) > 0) | (packed.aperture_kind >= 0)
    checked[-1:] = True
    apertures = packed.aperture_kind, packed.aperture_ptr, packed.aperture_par
    return *_rows(rows, begins), ends, checked, apertures


def _grouped(packed: PackedLine) -> tuple[PackedLine, NDArray[np.int64], NDArray[np.int64]]:
    rows, ends = packed.merged(packed.first_row)
    return rows, *groups_of_rows(rows, ends)


def _rows(packed: PackedLine, begins: NDArray[np.int64]) -> tuple[Any, ...]:
    """Kinds, first parameters, beta0 and functions of groups of rows, which begin and end at `begins`."""
    shapes, places = packed.shapes
    kinds, examples = kinds_of_groups(packed, begins)
    groups = [[shapes[place] for place in places[begins[k] : begins[k + 1]]] for k in examples]
    functions = np.array([row_function(group) for group in groups], dtype=np.int64)
    velocities = np.array([beta0 for (*_, beta0), *_ in groups])
    return kinds, packed.ptr[begins], packed.par, velocities, functions


def trace_rows(packed: PackedLine, start: NDArray[np.float64], observe: NDArray[np.int64]) -> NDArray[np.float64]:
    """(m, 6) coordinates of one particle before each of the observed rows, ascending."""
    block = empty_block()
    block[:6], block[6:] = start[:, None], 0.0
    seen = np.empty((observe.size, 6))
    failed = _trace(block, *_rows(packed, np.arange(packed.n_rows + 1)), observe, seen)
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
    full_vectors()
    lost = 0
    for c in range(6):
        limit = limits[c]
        for i in range(alive):
            lost |= not abs(block[c, i]) <= limit
    kinds, ptr, par = apertures
    kind = kinds[element]
    numbers = par[ptr[element] : ptr[element + 1]]
    if kind == Kind.RECTELLIPSE:  # a constant in each call: the compiler makes a loop without branches for each
        lost |= _any_outside(Kind.RECTELLIPSE, numbers, block, alive)
    elif kind == Kind.RACETRACK:
        lost |= _any_outside(Kind.RACETRACK, numbers, block, alive)
    elif kind == Kind.OCTAGON:
        lost |= _any_outside(Kind.OCTAGON, numbers, block, alive)
    elif kind == Kind.POLYGON:
        lost |= _any_outside(Kind.POLYGON, numbers, block, alive)
    return lost != 0


@njit(forceinline=True)
def _any_outside(kind, numbers, block, alive):
    lost = 0
    for i in range(alive):
        lost |= not inside(kind, numbers, block[0, i], block[2, i])
    return lost


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
    for i in range(alive, BLOCK):  # maps go over full groups of particles: no number of a lost one may reach them
        block[:, i] = block[:, 0]
    return alive
