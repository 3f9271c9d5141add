"""Operations of the algebra beside GTPSA, DACE and MAD-NG on dense series.

Every coefficient is random, of a size that keeps results of order one. Scalar operations of ours run in a loop in
compiled code; composition, inversion and evaluation are called from Python, and so carry its overhead.
Answers must agree to 1e-12 of the largest coefficient before a time is taken.

Rows of the peer "limit" set our product's time of one pair of coefficients beside what this machine takes at best: for
one of two multiply-adds that share a scattered store, and for one of a vector loop in the first cache.
"""

from __future__ import annotations

import importlib.util
from functools import partial
from pathlib import Path
from typing import Any

import click
import numba
import numpy as np

from benchmarks import common
from benchmarks.peers import PeerUnavailableError
from benchmarks.peers.algebra import ALGEBRAS, per_call
from tpsa import Descriptor, TaylorMap, Workspace, derivative, get, gmath, settle
from tpsa.context import NEXT, words
from tpsa.scatter import scatter_pairs

CASES = (
    *((6, order) for order in range(1, 9)), (6, 10), (2, 20), (4, 10), (6, 4, 2, 2), (6, 3, 6, 2), (6, 2, 20, 1),
)  # fmt: skip
QUICK = ((6, 1), (6, 3), (6, 4), (6, 6), (2, 10), (6, 3, 6, 2))
AGREEMENT = 1e-12
LARGEST_MAP = 1000  # coefficients of a series in the largest map that is composed and inverted

SCALAR = {
    "add": lambda x, y: x + y,
    "mul": lambda x, y: x * y,
    "square": lambda x, y: x * x,
    "div": lambda x, y: x / y,
    "inv": lambda x, y: 1.0 / x,
    "sqrt": lambda x, y: gmath.sqrt(x),
    "rsqrt": lambda x, y: gmath.rsqrt(x),
    "exp": lambda x, y: gmath.exp(x),
    "sin": lambda x, y: gmath.sin(x),
    "sincos": lambda x, y: gmath.sincos(x)[0],
    "derivative": lambda x, y: derivative(x, 0),
}
LIMITED = ((6, 4), (6, 6), (6, 8), (2, 20))
MAPS = ("compose", "inverse", "evaluate")


def _loop(operation: Any) -> Any:
    """Compiled loop of one scalar operation on logical slots 0 and 1; the last result becomes slot 2."""
    operation = numba.njit(operation)

    @numba.njit(error_model="numpy")
    def loop(context, count):
        x, y = get(context, 0), get(context, 1)
        c = words(context)
        before, z = c[NEXT], x
        for _ in range(count):
            c[NEXT] = before
            z = operation(x, y)
        settle(context, (x, y, z))

    return loop


LOOPS = {op: _loop(operation) for op, operation in SCALAR.items()}


class Ours:
    """This package on the maps `a` and `b`."""

    def __init__(self, descriptor: Descriptor, a: TaylorMap, b: TaylorMap, point: np.ndarray) -> None:
        self.a, self.b, self.point = a, b, point
        self.points = np.tile(point, (1000, 1))
        self.workspace = Workspace(descriptor, 16)

    def operation(self, op: str) -> Any:
        """`repeat(count)` of an operation."""
        if op in SCALAR:
            self.workspace.reserve(3)
            for slot, series in enumerate((self.a[0], self.b[0])):
                self.workspace.load(slot, series.coefficients)
            return partial(LOOPS[op], self.workspace.address)
        once = {
            "compose": lambda: self.a @ self.b, "inverse": self.b.inverse, "evaluate": lambda: self.a(self.points),
        }[op]  # fmt: skip

        def repeat(count: int) -> None:
            for _ in range(count):
                self.found = once()

        return repeat

    def result(self, op: str) -> np.ndarray:
        """(n, size) coefficients of the result, (n,) values at the point for evaluate."""
        self.operation(op)(1)
        if op in SCALAR:
            return self.workspace.read(2)[None]
        return self.found[0] if op == "evaluate" else np.atleast_2d(self.found.coefficients)

    def seconds(self, op: str) -> float:
        """Seconds of one operation."""
        return per_call(self.operation(op))


def random_maps(descriptor: Descriptor) -> tuple[TaylorMap, TaylorMap, np.ndarray]:
    """Two dense maps and a point; the second one has no constant parts and a linear part near the unit matrix."""
    d, rng = descriptor, np.random.default_rng(1)
    degrees = d.exponents.sum(axis=1, dtype=np.int64)
    sizes = 1.0 / np.bincount(degrees)[degrees]
    a, b = rng.uniform(-1.0, 1.0, (2, d.variables, d.size)) * sizes
    a[:, 0], b[:, 0] = 1.3, 0.0
    b[range(d.variables), 1 + np.arange(d.variables)] += 1.0
    return *(TaylorMap.from_coefficients(d, c) for c in (a, b)), rng.uniform(-0.5, 0.5, d.variables)


def case_name(descriptor: Descriptor) -> str:
    """(variables, order), with the parameters where there are any."""
    d = descriptor
    return f"({d.variables}+{d.parameters}, {d.order})" if d.parameters else f"({d.variables}, {d.order})"


def compare(descriptor: Descriptor, name: str, budget: float) -> list[common.Row]:
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
    for op in (*SCALAR, *MAPS):
        if op in ("compose", "inverse") and descriptor.size > LARGEST_MAP:
            continue
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


def limits(budget: float) -> list[common.Row]:
    """Our product's seconds of one pair of coefficients beside the machine's of one multiply-add."""
    n, rng = 1024, np.random.default_rng(2)
    x, y, targets = rng.random(n), rng.random(n), rng.permutation(n).astype(np.uint16)
    rows = []
    for numbers in LIMITED:
        descriptor = Descriptor(*numbers)
        ours = Ours(descriptor, *random_maps(descriptor))
        sizes = np.diff(descriptor.degree_starts)
        pairs = sum(int(size) * int(descriptor.degree_starts[-1 - g]) for g, size in enumerate(sizes))
        for op, loop in (("pair, scattered", scattered), ("pair, vectors", vectors)):
            least = partial(per_call, partial(loop, x, y, targets, np.zeros(n)))
            product, whole = common.interleaved(partial(ours.seconds, "mul"), least, budget, min)
            rows.append(common.row(case_name(descriptor), op, "limit", product / pairs, whole / (2 * n), 0.0))
    return rows


@click.command()
@click.option("--json", "json_path", type=click.Path(path_type=Path), help="Write the rows to this file.")
@click.option("--peers", default=",".join(ALGEBRAS), show_default=True, help="Comma-separated peers to compare with.")
@click.option("--quick", is_flag=True, help="Fewer descriptors and repeats.")
def main(quick: bool, peers: str, json_path: Path | None) -> None:
    """Operations of the algebra beside GTPSA, DACE and MAD-NG."""
    rows = []
    for numbers in QUICK if quick else CASES:
        for name in peers.split(","):
            rows += compare(Descriptor(*numbers), name, budget=0.02 if quick else 0.1)
    rows += limits(budget=0.02 if quick else 0.1)
    common.finish(rows, "tpsa_ops", quick, json_path)


if __name__ == "__main__":
    main()
