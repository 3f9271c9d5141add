"""Graded monomials and the index tables of their products.

Monomials are sorted by total degree, then by degree in the parameters, then lexicographically with the first variable
leading. Those of equal degree and parameter degree form a block. Row i of the product table lists the index of
monomial i times monomial j for all allowed j: one contiguous segment of j where the parameters' order does not bind.
"""

import itertools
import operator
from dataclasses import dataclass
from math import comb

import numpy as np
from numpy.typing import NDArray

from tpsa.errors import DescriptorSizeError

MEMORY_LIMIT = 2**30


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


def build_tables(variables: int, order: int, parameters: int, parameter_order: int) -> Tables:
    """Monomials and product tables of a basis; refuses what would not fit into `MEMORY_LIMIT` bytes."""
    blocks = [(g, p) for g in range(order + 1) for p in range(min(g, parameter_order) + 1)]
    counts = [_count(variables, g - p) * _count(parameters, p) for g, p in blocks]
    segment_starts, segments, lengths = _segments(blocks, counts, order, parameter_order)
    size, pairs = sum(counts), sum(map(operator.mul, lengths, counts))
    width = 2 if size <= 2**16 else 4
    needed = pairs * width + (40 + 2 * (variables + parameters)) * size
    if needed > MEMORY_LIMIT:
        raise DescriptorSizeError(
            f"{variables} variables at order {order} with {parameters} parameters at order {parameter_order} have "
            f"{size} monomials and {pairs} products: {needed / 2**20:.0f} MiB of tables, limit "
            f"{MEMORY_LIMIT / 2**20:.0f} MiB. Lower the order or the number of parameters."
        )
    segment_starts, segments = np.array(segment_starts), np.array(segments)
    exponents = np.concatenate([_block_exponents(variables, g - p, parameters, p) for g, p in blocks])
    keys = _additive_keys(exponents)
    by_key = np.argsort(keys)
    block_starts = np.concatenate([[0], np.cumsum(counts)])
    row_starts = np.concatenate([[0], np.cumsum(np.repeat(lengths, counts))])
    targets = np.empty(pairs, np.uint16 if width == 2 else np.uint32)
    for b in range(len(blocks)):
        ranges = segments[segment_starts[b] : segment_starts[b + 1], :2]
        allowed = np.concatenate([np.arange(begin, end) for begin, end in ranges])
        for i in range(block_starts[b], block_starts[b + 1]):
            found = by_key[np.searchsorted(keys, keys[i] + keys[allowed], sorter=by_key)]
            targets[row_starts[i] : row_starts[i + 1]] = found
    degrees = np.array([g for g, _ in blocks])
    parents, factors = _parents(exponents, keys, by_key)
    return Tables(
        exponents=exponents,
        degree_starts=np.append(block_starts[np.searchsorted(degrees, np.arange(order + 1))], size),
        block_starts=block_starts,
        block_degrees=degrees,
        segment_starts=segment_starts,
        segments=segments,
        row_starts=row_starts[:-1],
        targets=targets,
        parents=parents,
        factors=factors,
    )


def _count(variables: int, degree: int) -> int:
    """Number of monomials of exactly this degree."""
    if variables == 0:
        return int(degree == 0)
    return comb(variables + degree - 1, degree)


def _segments(blocks, counts, order, parameter_order):
    """Allowed ranges of the second factor for each block of the first: starts, (first, end, offset) rows, lengths."""
    first = [0, *itertools.accumulate(counts)]
    starts, rows, lengths = [0], [], []
    for g, p in blocks:
        length, end = 0, -1
        for c, (h, q) in enumerate(blocks):
            if g + h > order or p + q > parameter_order:
                continue
            if first[c] == end:
                rows[-1][1] = first[c + 1]
            else:
                rows.append([first[c], first[c + 1], length - first[c]])
            length, end = length + counts[c], first[c + 1]
        starts.append(len(rows))
        lengths.append(length)
    return starts, rows, lengths


def _homogeneous(variables: int, degree: int) -> NDArray[np.uint8]:
    """Exponents of all monomials of one degree, lexicographic with the first variable leading."""
    rows = np.zeros((int(variables > 0 or degree == 0), variables), np.uint8)
    for d in range(degree):
        parts = []
        for v in range(variables):
            part = rows[len(rows) - _count(variables - v, d) :].copy()
            part[:, v] += 1
            parts.append(part)
        rows = np.concatenate(parts) if parts else rows
    return rows


def _block_exponents(variables: int, degree: int, parameters: int, parameter_degree: int) -> NDArray[np.uint8]:
    """Exponents of one block: all monomials in the variables times all monomials in the parameters."""
    head, tail = _homogeneous(variables, degree), _homogeneous(parameters, parameter_degree)
    return np.hstack([np.repeat(head, len(tail), axis=0), np.tile(tail, (len(head), 1))])


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
