"""One product on two threads beside one thread: whether threads inside of a product would pay.

Each thread multiplies every second monomial of the outer factor into a row of its own; the rows are added at the end,
so that bits do not depend on which thread is first. Wall-clock seconds, the least of many interleaved samples.
"""

from __future__ import annotations

from functools import partial
from pathlib import Path

import click
import numba
import numpy as np

from benchmarks import common
from benchmarks.algebra import case_name
from tpsa import Descriptor
from tpsa.context import ORDER, SIZE, degree_starts, words
from tpsa.plans import plan
from tpsa.products import block_tables, rows_of
from tpsa.scatter import scatter_pairs

CASES = ((6, 6), (6, 7), (6, 8), (6, 10), (6, 2, 20, 1))
LEAST_SECONDS = 3e-4
AGREEMENT = 1e-14


@numba.njit(error_model="numpy")
def add_share(address, targets, x, y, out, share, shares):
    """Row out = what the monomials j with j % shares = share of the outer factor give of x * y."""
    c = words(address)
    first, block_degree, segment_start, segments, row_start = block_tables(c)
    starts, order, b = degree_starts(c), c[ORDER], 1
    for i in range(np.uint64(c[SIZE])):
        out[i] = x[0] * y[i] + y[0] * x[i] if share == 0 else 0.0
    if share == 0:
        out[0] = x[0] * y[0]
    while first[b] < c[SIZE] and 2 * block_degree[b] <= order:
        bound = starts[order - block_degree[b] + 1]
        for s in range(segment_start[b], segment_start[b + 1]):
            left, right, offset = max(segments[3 * s], first[b]), min(segments[3 * s + 1], bound), segments[3 * s + 2]
            for j in rows_of(first, b):
                number, shift = np.int64(j), row_start[j] + offset
                if number % shares == share:
                    if left <= number < right:
                        out[targets[np.uint64(shift + number)]] += x[j] * y[j]
                    scatter_pairs(out, targets, y, x, x[j], y[j], shift, max(left, number + 1), right)
        b += 1


@numba.njit(error_model="numpy")
def on_one(address, targets, x, y, outs, count):
    """`count` products on one thread."""
    for _ in range(count):
        add_share(address, targets, x, y, outs[0], 0, 1)


@numba.njit(error_model="numpy", parallel=True)
def on_two(address, targets, x, y, outs, count):
    """`count` products, each on two threads."""
    for _ in range(count):
        for share in numba.prange(2):
            add_share(address, targets, x, y, outs[share], share, 2)
        for i in range(len(x)):
            outs[0, i] += outs[1, i]


def compare(descriptor: Descriptor, budget: float) -> common.Row:
    """The row of one descriptor: ours is one thread, the peer two."""
    d, own, rng = descriptor, plan(descriptor), np.random.default_rng(1)
    padded = -(-d.size // 8) * 8 + 8
    x, y = rng.uniform(-1.0, 1.0, (2, padded))[:, : d.size]
    one, two = np.zeros((2, 2, padded))
    for product, outs in ((on_one, one), (on_two, two)):
        product(own.address, own.targets, x, y, outs, 1)
    error = float(np.abs(one[0] - two[0]).max() / np.abs(one[0]).max())
    if not error < AGREEMENT:
        raise click.ClickException(f"{case_name(d)}: one thread and two differ by {error:.3g} of the largest one")
    single = common.timed(partial(on_one, own.address, own.targets, x, y, one, 1))
    count = max(1, int(LEAST_SECONDS / min(single() for _ in range(10))))
    samples = (
        common.timed(partial(product, own.address, own.targets, x, y, outs, count))
        for product, outs in ((on_one, one), (on_two, two))
    )
    seconds = common.interleaved(*samples, budget, min)
    return common.row(case_name(d), "mul", "two threads", *(s / count for s in seconds), error, threads=2)


@click.command()
@click.option("--json", "json_path", type=click.Path(path_type=Path), help="Write the rows to this file.")
def main(json_path: Path | None) -> None:
    """Products on two threads beside one."""
    numba.set_num_threads(2)
    common.finish([compare(Descriptor(*numbers), 4.0) for numbers in CASES], "tpsa_threads", False, json_path)


if __name__ == "__main__":
    main()
