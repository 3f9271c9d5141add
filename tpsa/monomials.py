"""Graded monomials and the index tables of their products.

Monomials are sorted by total degree, then by degree in the parameters, then (from degree 2) by the exponents of what
has a maximum order of its own, then lexicographically with the first variable leading. Those alike in all but the last
form a block: the same monomials j may multiply each of them. Row i of the product table lists the index of monomial i
times monomial j for all allowed j, contiguous segments of j.

The monomials left out are those that some limit forbids, so a divisor of a kept one is kept: sums and products modulo
the others, and all recursions made of them, are exact in every kept coefficient.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tpsa.errors import DescriptorSizeError


@dataclass(frozen=True)
class Tables:
    """Index tables of one monomial basis.

    Attributes
    ----------
    exponents : (size, variables + parameters) uint8
    degree_starts : (order + 2,) int64, first monomial of each degree, then the size
    block_starts, block_degrees : (blocks + 1,), (blocks,) int64
    segment_starts : (blocks + 1,) int64, first segment of each block
    segments : (segments, 3) int64, columns first j, end j, offset with position row_starts[i] + offset + j
    row_starts : (size,) int64
    targets : uint16 or uint32, indices of products
    parents, factors : (size,) int64, monomial i is parents[i] times variable factors[i]; -1 for i = 0
    """

    exponents: NDArray[np.uint8]
    degree_starts: NDArray[np.int64]
    block_starts: NDArray[np.int64]
    block_degrees: NDArray[np.int64]
    segment_starts: NDArray[np.int64]
    segments: NDArray[np.int64]
    row_starts: NDArray[np.int64]
    targets: NDArray
    parents: NDArray[np.int64]
    factors: NDArray[np.int64]


@dataclass(frozen=True)
class Limits:
    """Numbers that say which monomials are kept.

    Attributes
    ----------
    variables, order, parameters, parameter_order : int
    each : tuple of int
        Largest exponent of each variable and parameter.
    """

    variables: int
    order: int
    parameters: int
    parameter_order: int
    each: tuple[int, ...]

    @property
    def bound(self) -> list[int]:
        """Variables and parameters whose own limit leaves out more than the orders do."""
        unbound = [self.order] * self.variables + [self.parameter_order] * self.parameters
        return [i for i, (own, all_of) in enumerate(zip(self.each, unbound, strict=True)) if own < all_of]

    @property
    def highest(self) -> int:
        """Largest degree of a monomial."""
        in_parameters = min(sum(self.each[self.variables :]), self.parameter_order)
        return min(sum(self.each[: self.variables]) + in_parameters, self.order)

    def bytes_needed(self) -> tuple[int, int, int]:
        """Numbers of monomials and of products kept, and bytes of their tables; cheap."""
        size, pairs = self._count(False), self._count(True)
        return size, pairs, pairs * (2 if size <= 2**16 else 4) + (40 + 2 * len(self.each)) * size

    def _count(self, pairs: bool) -> int:
        """Number of monomials, or of pairs of them with a kept product: prod (e_i + 1) of each product."""
        head = _count_degrees(self.each[: self.variables], self.order, pairs)
        tail = _count_degrees(self.each[self.variables :], self.parameter_order, pairs)
        return sum(sum(head[: self.order - p + 1]) * count for p, count in enumerate(tail))


def _count_degrees(limits: Sequence[int], order: int, pairs: bool) -> list[int]:
    """Number of monomials of each degree to `order`, each as often as it is a product if `pairs`."""

    def product(a, b):
        return [sum(a[k] * b[g - k] for k in range(g + 1)) for g in range(order + 1)]

    result = [1] + [0] * order
    for limit, times in Counter(limits).items():
        square = [(e + 1 if pairs else 1) if e <= limit else 0 for e in range(order + 1)]
        while times:
            result = product(result, square) if times % 2 else result
            times //= 2
            square = product(square, square) if times else square
    return result


def check_size(limits: Limits, memory_limit: int) -> None:
    """Refuse a basis whose tables would take more than `memory_limit` bytes."""
    size, pairs, needed = limits.bytes_needed()
    if needed > memory_limit:
        raise DescriptorSizeError(
            f"{limits.variables} variables at order {limits.order} with {limits.parameters} parameters at order "
            f"{limits.parameter_order} have {_short(size)} monomials and {_short(pairs)} products: "
            f"{_short(needed // 2**20)} MiB of tables, limit {memory_limit // 2**20} MiB. Lower the order or the "
            "number of parameters, give some variables max_orders, or allow more by Descriptor(..., memory_limit=bytes)"
        )


def _short(number: int) -> str:
    """Text of a number, of its decade only where it is long."""
    return str(number) if number < 10**12 else f"10^{len(str(number)) - 1}"


def build_tables(limits: Limits) -> Tables:
    """Monomials and product tables of a basis."""
    exponents, parameter_degrees = _exponents(limits)
    degrees = exponents.sum(axis=1, dtype=np.int64)
    alike = np.column_stack([degrees, parameter_degrees, exponents[:, limits.bound]]).astype(np.int64)
    block_starts = np.append(np.flatnonzero(np.any(np.diff(alike, axis=0, prepend=-1), axis=1)), len(exponents))
    most = np.array([limits.order, limits.parameter_order, *(limits.each[i] for i in limits.bound)])
    segment_starts, segments, lengths = _segments(alike[block_starts[:-1]], most, block_starts)
    keys = _additive_keys(exponents)
    by_key = np.argsort(keys)
    row_starts = np.concatenate([[0], np.cumsum(np.repeat(lengths, np.diff(block_starts)))])
    targets = np.empty(row_starts[-1], np.uint16 if len(exponents) <= 2**16 else np.uint32)
    for b, first in enumerate(block_starts[:-1]):
        ranges = segments[segment_starts[b] : segment_starts[b + 1], :2]
        allowed = np.concatenate([np.arange(begin, end) for begin, end in ranges])
        for i in range(first, block_starts[b + 1]):
            found = by_key[np.searchsorted(keys, keys[i] + keys[allowed], sorter=by_key)]
            targets[row_starts[i] : row_starts[i + 1]] = found
    parents, factors = _parents(exponents, keys, by_key)
    return Tables(
        exponents=exponents,
        degree_starts=np.searchsorted(degrees, np.arange(limits.order + 2)),
        block_starts=block_starts,
        block_degrees=degrees[block_starts[:-1]],
        segment_starts=segment_starts,
        segments=segments,
        row_starts=row_starts[:-1],
        targets=targets,
        parents=parents,
        factors=factors,
    )


def _segments(blocks, most, block_starts):
    """Allowed ranges of the second factor for each block of the first: starts, (first, end, offset) rows, lengths.

    `blocks` holds what the limits `most` bind: degrees and exponents that are the same all over a block.
    """
    counts, starts, rows, lengths = np.diff(block_starts), [0], [], []
    ends = np.searchsorted(blocks[:, 0], most[0] - blocks[:, 0], side="right")
    for block, end in zip(blocks, ends, strict=True):
        allowed = np.all(blocks[:end] <= most - block, axis=1)
        edges = np.flatnonzero(np.diff(allowed, prepend=False, append=False)).reshape(-1, 2)
        before = np.concatenate([[0], np.cumsum(counts[:end] * allowed)])
        first = block_starts[edges[:, 0]]
        rows.append(np.column_stack([first, block_starts[edges[:, 1]], before[edges[:, 0]] - first]))
        starts.append(starts[-1] + len(edges))
        lengths.append(before[-1])
    return np.array(starts), np.concatenate(rows), lengths


def _exponents(limits: Limits) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """Exponents of all monomials in their order, and their degrees in the parameters."""
    head = _homogeneous(limits.each[: limits.variables], limits.order)
    tail = _homogeneous(limits.each[limits.variables :], limits.parameter_order)
    blocks, parameter_degrees = [], []
    for g in range(limits.order + 1):
        for p in range(min(g, limits.parameter_order) + 1):
            a, b = head[g - p], tail[p]
            block = np.hstack([np.repeat(a, len(b), axis=0), np.tile(b, (len(a), 1))])
            if g > 1 and limits.bound:
                block = block[np.lexsort(block[:, limits.bound[::-1]].T)]
            blocks.append(block)
            parameter_degrees += [p] * len(block)
    return np.concatenate(blocks), np.array(parameter_degrees)


def _homogeneous(limits: Sequence[int], order: int) -> list[NDArray[np.uint8]]:
    """Exponents of all monomials of each degree to `order`, lexicographic with the first variable leading."""
    rows = np.zeros((1, len(limits)), np.uint8)
    found = [rows]
    for _ in range(order):
        first = np.where(rows.any(axis=1), np.argmax(rows > 0, axis=1), len(limits))
        parts = [rows[:0]]
        for v, limit in enumerate(limits):
            part = rows[np.searchsorted(first, v) :]
            part = part[part[:, v] < limit]
            part[:, v] += 1
            parts.append(part)
        rows = np.concatenate(parts)
        found.append(rows)
    return found


def _additive_keys(exponents: NDArray[np.uint8]) -> NDArray[np.uint64]:
    """A different 64 bit key for each monomial such that the key of a product is the sum of keys modulo 2^64."""
    for seed in range(100):
        weights = np.random.default_rng(seed).integers(0, 2**64, exponents.shape[1], dtype=np.uint64)
        keys = exponents.astype(np.uint64) @ weights
        if len(np.unique(keys)) == len(keys):
            return keys
    raise DescriptorSizeError(f"{len(exponents)} monomials are too many to index")


def _parents(exponents, keys, by_key):
    """Split each monomial into a parent and one variable or parameter: the first one present."""
    factors = np.argmax(exponents > 0, axis=1)
    rest = exponents.astype(np.int64)
    rest[np.arange(1, len(rest)), factors[1:]] -= 1
    unit = np.full(exponents.shape[1], -1)
    for i in np.flatnonzero(exponents.sum(axis=1, dtype=np.int64) == 1):
        unit[factors[i]] = i
    parents = np.full(len(exponents), -1)
    if len(exponents) > 1:
        parents[1:] = by_key[np.searchsorted(keys, keys[1:] - keys[unit[factors[1:]]], sorter=by_key)]
    factors[0] = -1
    return parents, factors
