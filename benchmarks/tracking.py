"""Particle tracking through rings beside MAD-NG, xtrack and pyAT.

Every peer meets the same Hamiltonian with Forest-Ruth and ten slices of every magnet: MAD-NG and xtrack exact, pyAT
expanded (its default) and exact. All run on one thread; the last row compares our own one with two.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import click
import numpy as np

from benchmarks import common
from benchmarks.common import timed
from benchmarks.peers import Machine, PeerUnavailableError, connect
from tracking.engine_float import track
from tracking.pack import PackedLine, pack

TEN_SLICES = {"integrator": 4, "slices": 10, "fringe": "dipole", "split": "drift-kick"}
PARTICLES = 1000
SIZE = np.array([1e-5, 1e-6, 1e-5, 1e-6, 1e-5, 1e-5])


@dataclass(frozen=True)
class Comparison:
    """What a peer is asked for: its name, its choices, our settings, and the largest difference after one turn."""

    op: str
    peer: str
    agreement: float
    choices: dict[str, Any] = field(default_factory=dict)
    model: str = "exact"


COMPARISONS = (
    Comparison("exact, 10 slices", "madng", 1e-7),
    Comparison("exact, 10 slices", "xtrack", 1e-2, {"splitting": True}),
    Comparison("expanded, 10 slices", "pyat", 1e-2, model="expanded"),
    Comparison("exact, 10 slices", "pyat", 1e-2, {"exact": True}),
)


def particles(count: int) -> np.ndarray:
    """(count, 6) Gaussian particles."""
    return np.random.default_rng(1).standard_normal((count, 6)) * SIZE


def difference(ours: np.ndarray, theirs: np.ndarray) -> float:
    """Largest difference of a coordinate, over the largest magnitude of that coordinate."""
    return float((np.abs(ours - theirs) / np.abs(ours).max(axis=0)).max())


def packed(case: common.Case, model: str) -> PackedLine:
    """Our line of a case with the settings of the comparison."""
    return pack(case.line.with_settings(model=model, **TEN_SLICES))


def compare(case: common.Case, wanted: Comparison, count: int, budget: float) -> common.Row:
    """The row of one comparison: agreement after one turn first, then the time of one turn."""
    line, start = packed(case, wanted.model), particles(count)
    with connect(wanted.peer, Machine.of(case.path, case.line), **wanted.choices) as peer:
        error = difference(track(line, start[:20]).coordinates, peer.track(start[:20], 1))
        if not error < wanted.agreement:
            raise click.ClickException(
                f"{case.name}: {wanted.peer}, {wanted.op}: particles differ by {error:.3g} after one turn, more than "
                f"{wanted.agreement:g}; a timing would compare different work"
            )
        few = start[: max(1, count // 10)]  # peers take as long for each particle, ours is timed on all of them
        seconds = common.interleaved(timed(lambda: track(line, start)), lambda: peer.track_seconds(few, 1), budget)
    each = seconds[0] / count, seconds[1] / len(few)
    return common.row(case.name, wanted.op, wanted.peer, *each, error, particles=count, slices=thick_slices(line))


def threads(case: common.Case, count: int, budget: float) -> common.Row:
    """Our own time on one and on two threads, per particle and turn."""
    line, start = packed(case, "exact"), particles(count)
    one, two = (lambda: track(line, start)), (lambda: track(line, start, threads=2))
    same = np.array_equal(one().coordinates, two().coordinates)
    seconds = common.interleaved(timed(two), timed(one), budget)
    each = (seconds[0] / count, seconds[1] / count)
    return common.row(case.name, "one thread beside two", "ours", *each, float(not same), particles=count, threads=2)


def thick_slices(line: PackedLine) -> int:
    """Fourth-order slices (three kicks) of a line."""
    return int(line.count[line.body_rows >= 7].sum())


@click.command()
@common.options
def main(quick: bool, lattices: tuple[Path, ...], peers: str, json_path: Path | None) -> None:
    """Particle tracking beside MAD-NG, xtrack and pyAT; seconds per particle and turn."""
    chosen = peers.split(",") if peers else [wanted.peer for wanted in COMPARISONS]
    rows = []
    for path in lattices or (common.DEFAULT_LATTICE,):
        case = common.Case.read(path)
        for wanted in COMPARISONS:
            if wanted.peer not in chosen:
                continue
            try:
                rows.append(compare(case, wanted, PARTICLES // 4 if quick else PARTICLES, 0.5 if quick else 3.0))
            except PeerUnavailableError as error:
                rows.append(common.absent(case.name, wanted.op, wanted.peer, str(error)))
        rows.append(threads(case, 4 * PARTICLES, 0.5 if quick else 3.0))
    common.finish(rows, "tracking", quick, json_path)


if __name__ == "__main__":
    main()
