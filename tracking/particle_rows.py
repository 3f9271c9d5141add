"""Row functions of particle tracking: a map, or a short sequence of maps, over the particles of a block.

The package's own maps run on `tpsa.wide` numbers, which hold many particles each. Where a sequence of up to PERIOD
shapes of rows (op code, number of parameters, beta0) occurs REPEATS times in a row, as in magnets cut into slices,
it is one function: the particles stay in registers, and what depends on pzeta alone is computed once.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache

import numpy as np
from numba import carray, types
from numba.extending import intrinsic, register_jitable
from numba.np.unsafe.ndarray import to_fixed_tuple
from numpy.typing import NDArray

from tpsa.context import pointer
from tpsa.wide import WIDTH, load, store
from tracking.maps.radiation import mean_loss, motion, photons, recoil
from tracking.pack import PackedLine
from tracking.quantum import DISTRIBUTIONS
from tracking.row_functions import FAILED, address, njit
from tracking.step import MapFunction
from tracking.user_maps import FIRST_CODE

BLOCK = 256  # particles that go through the line together; constant, so that the compiler knows the strides
PARTICLE, TURN, SEED, DRAWS = range(6, 10)  # rows behind the coordinates: whole numbers
ROWS = 10
LANES = 64  # a multiple of WIDTH, and of the widest vectors times the most that the compiler interleaves
PERIOD, REPEATS = 3, 3
FEW = 3  # parameters; maps with more fill the registers on their own


def empty_block() -> NDArray[np.float64]:
    """(ROWS, BLOCK) array whose rows begin with a cache line, as vectors should."""
    room = np.empty(ROWS * BLOCK + 8)
    first = -room.ctypes.data % 64 // 8
    return room[first : first + ROWS * BLOCK].reshape(ROWS, BLOCK)


@intrinsic
def full_vectors(typingctx):
    """Let the function that this is called in use the widest vectors of the processor."""

    def codegen(context, builder, signature, args):
        set.add(builder.function.attributes, '"prefer-vector-width"="512"')  # llvmlite's own list lacks it
        return context.get_dummy_value()

    return types.void(), codegen


def row_function(group: Sequence[tuple[int, int, float]]) -> int:
    """Address of the row function of a group of rows, each with its op code, number of parameters, and beta0."""
    codes, counts, _ = zip(*group, strict=True)
    if codes[0] in DISTRIBUTIONS:
        return address(_row_of_photons(codes[0], counts[0]), *codes)
    return address(_users_row(counts[0]) if codes[0] >= FIRST_CODE else _wide_row(counts), *codes)


def groups_of_rows(packed: PackedLine, ends: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Rows that go through one function together, never across `ends`.

    Returns
    -------
    begins : (groups + 1,) int64
        First row of each group, and the number of rows.
    ends : like `ends`
        In groups instead of rows.
    """
    shapes, places = packed.shapes
    alone = [code >= FIRST_CODE or code in DISTRIBUTIONS or count > FEW for code, count, _ in shapes]
    return _groups(places, np.array(alone, dtype=np.bool_), ends)


def kinds_of_groups(packed: PackedLine, begins: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Which function a group needs, and the first group of each function; `begins` as from `groups_of_rows`."""
    shapes, places = packed.shapes
    begin, end = begins[:-1], begins[1:]
    key = end - begin  # with this size, the first PERIOD rows tell the others
    for k in range(PERIOD):
        key = key * len(shapes) + places[np.minimum(begin + k, end - 1)]
    _, examples, kinds = np.unique(key, return_index=True, return_inverse=True)
    return kinds, examples


@njit
def _groups(places, alone, ends):
    begins = [np.int64(0) for _ in range(0)]
    group_ends = np.zeros_like(ends)
    for k in range(ends.size - 1):
        row, end = ends[k], ends[k + 1]
        while row < end:
            begins.append(row)
            row += _group_size(places, alone, row, end)
        group_ends[k + 1] = len(begins)
    begins.append(places.size)
    return np.array(begins), group_ends


@njit
def _group_size(places, alone, row, end):
    """Number of rows from `row` on that repeat a sequence of at most PERIOD shapes REPEATS times, else 1."""
    for period in range(1, PERIOD + 1):
        size = period * REPEATS
        if row + size <= end and not alone[places[row : row + period]].any():
            if np.array_equal(places[row : row + size - period], places[row + period : row + size]):
                return size
    return 1


@cache
def _wide_row(counts: tuple[int, ...]) -> Callable[..., Callable[..., int]]:
    """Maker of row functions for maps of so many parameters, known to the compiler."""

    def make(*maps: MapFunction) -> Callable[..., int]:
        through, total = _chained(maps, counts), sum(counts)

        def row(block, alive, parameters, given, beta0):
            full_vectors()
            p = to_fixed_tuple(carray(pointer(parameters), total, np.float64), total)
            for i in range(0, alive, WIDTH):
                x, px, y, py, zeta, pzeta = through(
                    (
                        load(block, i), load(block, i + BLOCK), load(block, i + 2 * BLOCK),
                        load(block, i + 3 * BLOCK), load(block, i + 4 * BLOCK), load(block, i + 5 * BLOCK),
                    ),
                    p, beta0,
                )  # fmt: skip
                store(block, i, x)
                store(block, i + BLOCK, px)
                store(block, i + 2 * BLOCK, y)
                store(block, i + 3 * BLOCK, py)
                store(block, i + 4 * BLOCK, zeta)
                store(block, i + 5 * BLOCK, pzeta)
            return 0

        return row

    return make


def _chained(maps: tuple[MapFunction, ...], counts: tuple[int, ...]) -> Callable:
    """One map after the other, each with its share of the parameters."""
    element_map, count = maps[0], counts[0]
    if len(maps) == 1:
        return element_map
    others = _chained(maps[1:], counts[1:])

    @register_jitable(forceinline=True)
    def chained(z, p, beta0):
        return others(element_map(z, p[:count], beta0), p[count:], beta0)

    return chained


@cache
def _row_of_photons(code: int, count: int) -> Callable[[MapFunction], Callable[..., int]]:
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


@cache
def _users_row(count: int) -> Callable[[MapFunction], Callable[..., int]]:
    """Maker of row functions for users' maps, which may do what only single numbers can, or raise an error."""

    def make(element_map: MapFunction) -> Callable[..., int]:
        def row(block, alive, parameters, given, beta0):
            full_vectors()
            z = carray(pointer(block), 6 * BLOCK, np.float64)
            p = to_fixed_tuple(carray(pointer(parameters), count, np.float64), count)
            try:
                for i in range((alive + LANES - 1) & -LANES):
                    point = (z[i], z[i + BLOCK], z[i + 2 * BLOCK], z[i + 3 * BLOCK], z[i + 4 * BLOCK], z[i + 5 * BLOCK])
                    (
                        z[i], z[i + BLOCK], z[i + 2 * BLOCK], z[i + 3 * BLOCK], z[i + 4 * BLOCK], z[i + 5 * BLOCK]
                    ) = element_map(point, p, beta0)  # fmt: skip
            except Exception:
                return FAILED
            return 0

        return row

    return make
