"""Operations of the algebra beside GTPSA, DACE and MAD-NG on dense series.

Every coefficient is random, of a size that keeps results of order one. Loops run in compiled code on both sides (see
`benchmarks.algebra`); small series are also timed as Python calls beside the Python packages of the peers.
Answers must agree to 1e-12 of the largest coefficient before a time is taken.

Rows of the peer "limit" set our product's time of one pair of coefficients beside what this machine takes at best: for
one of two multiply-adds that share a scattered store, and for one of a vector loop in the first cache.
"""

from __future__ import annotations

import importlib.util
import sys
import time
from collections.abc import Sequence
from functools import partial
from pathlib import Path

import click
import numba
import numpy as np

from benchmarks import common
from benchmarks.algebra import MAPS, SCALAR, Ours, case_name, random_maps
from benchmarks.peers import PeerUnavailableError
from benchmarks.peers.algebra import ALGEBRAS, IN_PYTHON, per_call
from tpsa import Descriptor, TaylorMap
from tpsa.scatter import scatter_pairs

CASES = (
    *((6, order) for order in range(1, 9)), (6, 10), (2, 20), (4, 10), (6, 4, 2, 2), (6, 3, 6, 2), (6, 2, 20, 1),
)  # fmt: skip
QUICK = ((6, 1), (6, 3), (6, 4), (6, 6), (2, 10), (6, 3, 6, 2))
CALLED = ((6, 1), (6, 2), (6, 4), (6, 6))  # descriptors whose Python calls are timed
PYTHON_OPS = (*IN_PYTHON, "compose in Python", "inverse in Python")
LIMITED = ((6, 4), (6, 6), (6, 8), (2, 20))
LIMIT_OPS = ("pair, scattered", "pair, vectors")
OPS = (*SCALAR, *MAPS, "evaluate", *PYTHON_OPS, *LIMIT_OPS)
AGREEMENT = 1e-12


def compare(descriptor: Descriptor, name: str, ops: Sequence[str], budget: float) -> list[common.Row]:
    """Rows of one peer on one descriptor."""
    case = case_name(descriptor)
    package, algebra = ALGEBRAS[name]
    if importlib.util.find_spec(package) is None:
        return [common.absent(case, "all", name, "not installed")]
    a, b, point = random_maps(descriptor)
    divisor = TaylorMap([component + 1.1 for component in b])
    ours, rows = Ours(descriptor, a, b, point), []
    ours_divided = Ours(descriptor, a, divisor, point)
    try:
        peer, peer_divided = algebra(descriptor, a, b, point), algebra(descriptor, a, divisor, point)
    except PeerUnavailableError as error:
        return [common.absent(case, "all", name, str(error))]
    for op in ops:
        mine, other = (ours_divided, peer_divided) if op == "div" else (ours, peer)
        try:
            expected, found = other.result(op), mine.result(op)
        except PeerUnavailableError as error:
            rows.append(common.absent(case, op, name, str(error)))
            continue
        error = float(np.abs(found - expected).max() / np.abs(expected).max())
        if not error < AGREEMENT:
            raise click.ClickException(f"{case}, {op}: {name} and ours differ by {error:.3g} of the largest one")
        seconds = common.interleaved(partial(mine.seconds, op), partial(other.seconds, op), budget, min)
        rows.append(common.row(case, op, name, *seconds, error))
    for one in (peer, peer_divided):
        getattr(one, "close", lambda: None)()
    return rows


@numba.njit(error_model="numpy")
def scattered(x, y, targets, out, count):
    """Two multiply-adds for each scattered store, on rows that stay in the first cache."""
    for _ in range(count):
        scatter_pairs(out, targets, x, y, 0.5, 0.25, 0, 0, len(x))


@numba.njit(error_model="numpy", fastmath={"contract"})
def vectors(x, y, targets, out, count):
    """Two multiply-adds for each number stored, in vectors."""
    for k in range(count):
        for i in range(len(x)):
            out[i] += 0.5 * x[i] + (0.25 + k) * y[i]


def limits(descriptor: Descriptor, ops: Sequence[str], budget: float) -> list[common.Row]:
    """Our product's seconds of one pair of coefficients beside the machine's of one multiply-add."""
    n, rng = 1024, np.random.default_rng(2)
    x, y, targets = rng.random(n), rng.random(n), rng.permutation(n).astype(np.uint16)
    ours, rows = Ours(descriptor, *random_maps(descriptor)), []
    sizes = np.diff(descriptor.degree_starts)
    pairs = sum(int(size) * int(descriptor.degree_starts[-1 - g]) for g, size in enumerate(sizes))
    for op in ops:
        loop = partial(scattered if op == "pair, scattered" else vectors, x, y, targets, np.zeros(n))
        product, whole = common.interleaved(partial(ours.seconds, "mul"), partial(per_call, loop), budget, min)
        rows.append(common.row(case_name(descriptor), op, "limit", product / pairs, whole / (2 * n), 0.0))
    return rows


def chosen(_context: click.Context, option: click.Parameter, text: str | None) -> tuple[str, ...] | None:
    """Words of a comma-separated option, each one of those known."""
    if text is None:
        return None
    words = tuple(word.strip() for word in text.split(","))
    known = tuple(ALGEBRAS) if option.name == "peers" else OPS
    for word in words:
        if word not in known:
            raise click.BadParameter(f"{word!r} is none of {', '.join(known)}")
    return words


def descriptors(_context: click.Context, _option: click.Parameter, text: str | None) -> list[tuple[int, ...]] | None:
    """Descriptors of an option such as "6,4 6,2,20,1"."""
    try:
        return text and [tuple(int(number) for number in word.split(",")) for word in text.split()]
    except ValueError as error:
        raise click.BadParameter(f"must be like '6,4 6,2,20,1', got {text!r}") from error


@click.command()
@click.option("--json", "json_path", type=click.Path(path_type=Path), help="Write the rows to this file.")
@click.option("--peers", callback=chosen, help="Comma-separated peers to compare with; all by default.")
@click.option("--ops", callback=chosen, help="Comma-separated operations; all by default.")
@click.option(
    "--descriptors", "cases", callback=descriptors,
    help="variables,order[,parameters,parameter_order] of each, separated by spaces; all of the benchmark by default.",
)  # fmt: skip
@click.option("--quick", is_flag=True, help="Fewer descriptors and repeats.")
def main(
    quick: bool, cases: list[tuple[int, ...]] | None, ops: tuple[str, ...] | None, peers: tuple[str, ...] | None,
    json_path: Path | None,
) -> None:  # fmt: skip
    """Operations of the algebra beside GTPSA, DACE and MAD-NG. Of stored rows only those measured anew change."""
    rows, budget, begun = [], 0.02 if quick else 0.1, time.monotonic()
    for numbers in cases or (QUICK if quick else CASES):
        descriptor, some = Descriptor(*numbers), [op for op in ops or OPS if op not in LIMIT_OPS]
        if numbers not in CALLED:
            some = [op for op in some if op not in PYTHON_OPS]
        for name in peers or ALGEBRAS:
            rows += compare(descriptor, name, some, budget)
            print(f"{time.monotonic() - begun:5.0f} s  {case_name(descriptor)}  {name}", file=sys.stderr)
        if numbers in LIMITED:
            rows += limits(descriptor, [op for op in ops or OPS if op in LIMIT_OPS], budget)
    common.finish(rows, "tpsa_ops", quick, json_path)


if __name__ == "__main__":
    main()
