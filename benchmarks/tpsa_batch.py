"""Operations of batches of series beside our own scalar series, in one run: seconds per series.

Scalar operations run in a loop in compiled code, on two series that stay in the first cache. Those of batches are
called from Python, and so carry its overhead, on series that come from the second cache. Coefficients are random;
answers must agree to 1e-12 of the largest one before a time is taken.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from itertools import cycle
from pathlib import Path
from typing import Any

import click
import numpy as np

from benchmarks import common
from benchmarks.algebra import LOOPS, SCALAR, case_name
from benchmarks.peers.algebra import per_call
from tpsa import Descriptor, TPSBatch, Workspace
from tpsa.vectors import LANES

CASES = ((6, 1), (6, 2), (6, 3), (6, 4), (6, 5), (6, 6), (6, 8), (2, 20), (4, 10), (6, 4, 2, 2), (6, 3, 6, 2))
QUICK = ((6, 2), (6, 4), (6, 6))
COEFFICIENTS = 2**15  # of a batch, so that three of them fit into the second cache
PLACES = 8  # workspaces of scalar series, the fastest of which counts
AGREEMENT = 1e-12


def compare(descriptor: Descriptor, budget: float) -> list[common.Row]:
    """Rows of every operation at one descriptor."""
    rng, series = np.random.default_rng(1), min(1024, max(16, COEFFICIENTS // descriptor.size // LANES * LANES))
    decay = 0.5 ** descriptor.exponents.sum(axis=1, dtype=int)[:, None] / descriptor.size**0.5
    a, b = decay * rng.uniform(-1.0, 1.0, (2, descriptor.size, series))
    a[0], b[0] = rng.uniform(0.5, 1.5, (2, series))
    x, y = TPSBatch(descriptor, a), TPSBatch(descriptor, b)
    workspaces = [loaded(descriptor, 16 + k, a[:, 0], b[:, 0]) for k in range(PLACES)]
    case = case_name(descriptor)
    rows = []
    for op, operation in SCALAR.items():
        LOOPS[op](workspaces[0].address, 1)
        expected, found = workspaces[0].read(2), operation(x, y).coefficients[:, 0]
        error = float(np.abs(found - expected).max() / np.abs(expected).max())
        if not error < AGREEMENT:
            raise click.ClickException(f"{case}, {op}: batch and scalar series differ by {error:.3g}")
        batched = partial(per_call, partial(repeat, operation, x, y))
        places = cycle(workspaces)
        scalar = partial(scalar_seconds, op, places)
        ours, own = common.interleaved(batched, scalar, budget, min)
        rows.append(common.row(case, op, "scalar", ours / series, own, error, series=series))
    return rows


def loaded(descriptor: Descriptor, slots: int, *series: np.ndarray) -> Workspace:
    """Workspace of two series and room for a result."""
    workspace = Workspace(descriptor, slots)
    workspace.reserve(3)
    for slot, coefficients in enumerate(series):
        workspace.load(slot, np.ascontiguousarray(coefficients))
    return workspace


def scalar_seconds(op: str, places: Iterator[Workspace]) -> float:
    """Seconds of one scalar operation in the next of several workspaces, for a few places in memory are slow ones."""
    return per_call(partial(LOOPS[op], next(places).address))


def repeat(operation: Any, x: TPSBatch, y: TPSBatch, count: int) -> None:
    """An operation on batches, so many times."""
    for _ in range(count):
        operation(x, y)


@click.command()
@click.option("--json", "json_path", type=click.Path(path_type=Path), help="Write the rows to this file.")
@click.option("--quick", is_flag=True, help="Fewer descriptors and repeats.")
def main(quick: bool, json_path: Path | None) -> None:
    """Batches of series beside scalar series."""
    rows = []
    for numbers in QUICK if quick else CASES:
        rows += compare(Descriptor(*numbers), budget=0.05 if quick else 0.2)
    common.finish(rows, "tpsa_batch", quick, json_path)


if __name__ == "__main__":
    main()
