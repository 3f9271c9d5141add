"""Particle tracking through rings beside MAD-NG, xtrack, pyAT and PTC, and beside the machine's limit of arithmetic.

Answers after one turn are compared before anything is timed. Peers take as long for each particle, so they are timed
on PEER_PARTICLES of them (the row says so) and on one core; ours is timed on all, on one thread and on two. All codes
take turns, so that they meet the same load, and count the processor's time, except for two threads.

Beside MAD-NG, xtrack's split model and pyAT the Hamiltonian, the integrator (Forest-Ruth) and the ten slices of every
magnet are the same; beside PTC the Hamiltonian and the ten slices. `Comparison.why` says what is left of the answers.
"""

from __future__ import annotations

import contextlib
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import click
import numpy as np

from benchmarks import common, tracking_runs
from benchmarks.common import processor_timed, timed
from benchmarks.peers import Machine, PeerUnavailableError, connect
from benchmarks.roofline import limit
from tracking.engine_float import track
from tracking.pack import PackedLine, pack

TEN_SLICES = {"integrator": 4, "slices": 10, "fringe": "dipole", "split": "drift-kick"}
MODELS: dict[str, dict[str, Any]] = {
    "exact, 10 slices": {"model": "exact", **TEN_SLICES},
    "expanded, 10 slices": {"model": "expanded", **TEN_SLICES},
    "exact, 10 slices, matrix-kick": {"model": "exact", **TEN_SLICES, "split": "matrix-kick"},
    "fastest": {"model": "expanded", **TEN_SLICES, "split": "matrix-kick", "integrator": 2, "slices": 1},
}
"""What is tracked; "fastest" has one kick per magnet between expanded matrices."""

PARTS = ("peers", "threads", "limit", "aperture")
COUNTS = (1000, 100_000)
PEER_PARTICLES = 100
COMPARED = 20
SIZE = np.array([1e-5, 1e-6, 1e-5, 1e-6, 1e-5, 1e-5])


@dataclass(frozen=True)
class Comparison:
    """What a peer is asked for.

    op : one of `MODELS`; peer, choices : the adapter and its choices
    agreement : largest difference after one turn that lets a timing stand; why : where the difference comes from
    many : whether ours is timed with more particles too
    """

    op: str
    peer: str
    agreement: float
    why: str
    choices: dict[str, Any] = field(default_factory=dict)
    many: bool = True


COMPARISONS = (
    Comparison("exact, 10 slices", "madng", 2e-5, "round-off; its bends lose 2e-11 m at radii of 18 km"),
    Comparison("exact, 10 slices", "xtrack", 1e-4, "its field of combined-function bends and their edges",
               {"splitting": True}),
    Comparison("expanded, 10 slices", "pyat", 1e-2, "its velocity is that of light"),
    Comparison("exact, 10 slices", "pyat", 1e-2, "its field of combined-function bends and their edges",
               {"exact": True}),
    Comparison("exact, 10 slices, matrix-kick", "ptc", 1e-2, "its quadrature; 250 times less with 40 slices",
               {"splitting": 2}, many=False),
    Comparison("fastest", "xtrack", 1e-2, "one kick in another place, its path length", {"fastest": True}),
)  # fmt: skip


@dataclass
class Entrant:
    """A peer that has loaded the lattice, and how far its answer is from ours."""

    wanted: Comparison
    peer: Any
    error: float


def particles(count: int) -> np.ndarray:
    """(count, 6) Gaussian particles."""
    return np.random.default_rng(1).standard_normal((count, 6)) * SIZE


def difference(ours: np.ndarray, theirs: np.ndarray) -> float:
    """Largest difference of a coordinate, over the largest magnitude of that coordinate."""
    return float((np.abs(ours - theirs) / np.abs(ours).max(axis=0)).max())


def enter(case: common.Case, wanted: Comparison, line: PackedLine, stack: contextlib.ExitStack) -> Entrant | common.Row:
    """A peer whose answer agrees with ours, or the row that says why there is none."""
    common.say(f"{case.name}: {wanted.peer}, {wanted.op}")
    try:
        peer = stack.enter_context(connect(wanted.peer, Machine.of(case.path, case.line), **wanted.choices))
        start = particles(COMPARED)
        error = difference(track(line, start).coordinates, peer.track(start, 1))
    except PeerUnavailableError as problem:
        return common.absent(case.name, wanted.op, wanted.peer, str(problem))
    if not error < wanted.agreement:
        why = f"not timed: particles differ by {error:.3g} after one turn, more than {wanted.agreement:g}"
        return common.absent(case.name, wanted.op, wanted.peer, why)
    return Entrant(wanted, peer, error)


def beside_peers(case: common.Case, counts: tuple[int, ...], chosen: list[str], budget: float) -> list[common.Row]:
    """Rows of every model and peer, first with the smaller number of particles, then with the others."""
    lines = {op: pack(case.line.with_settings(**settings)) for op, settings in MODELS.items()}
    few = particles(min(PEER_PARTICLES, counts[0]))
    with contextlib.ExitStack() as stack:
        found = [enter(case, w, lines[w.op], stack) for w in COMPARISONS if w.peer in chosen]
        entrants = [entrant for entrant in found if isinstance(entrant, Entrant)]
        ops = list(dict.fromkeys(entrant.wanted.op for entrant in entrants))
        common.say(f"{case.name}: {counts[0]} particles beside {len(entrants)} peers")
        start = particles(counts[0])
        samples = [processor_timed(partial(track, lines[op], start)) for op in ops]
        samples += [partial(entrant.peer.track_seconds, few, 1) for entrant in entrants]
        seconds = common.in_turn(samples, budget)
    each = {(op, counts[0]): one / counts[0] for op, one in zip(ops, seconds, strict=False)}
    for count in counts[1:]:
        common.say(f"{case.name}: {count} particles")
        start, of_many = particles(count), list(dict.fromkeys(e.wanted.op for e in entrants if e.wanted.many))
        seconds_of_many = common.in_turn([processor_timed(partial(track, lines[op], start)) for op in of_many], budget)
        each |= {(op, count): one / count for op, one in zip(of_many, seconds_of_many, strict=True)}
    rows = [one for one in found if not isinstance(one, Entrant)]
    for entrant, spent in zip(entrants, seconds[len(ops) :], strict=True):
        wanted = entrant.wanted
        rows += [
            common.row(
                case.name, f"{wanted.op}, {count} particles", wanted.peer, each[wanted.op, count], spent / len(few),
                entrant.error, model=wanted.op, particles=count, peer_particles=len(few), difference_from=wanted.why,
            )
            for count in (counts if wanted.many else counts[:1])
        ]  # fmt: skip
    return rows


def threads(case: common.Case, count: int, budget: float) -> common.Row:
    """Our own time on one and on two threads, per particle and turn; the answers must be the same bits."""
    common.say(f"{case.name}: {count} particles on two threads")
    line, start = pack(case.line.with_settings(**MODELS["exact, 10 slices"])), particles(count)
    one, two = partial(track, line, start), partial(track, line, start, threads=2)
    same = np.array_equal(one().coordinates, two().coordinates)
    seconds = common.interleaved(timed(two), timed(one), budget)
    each = seconds[0] / count, seconds[1] / count
    op = f"two threads beside one, {count} particles"
    return common.row(case.name, op, "ours", *each, float(not same), particles=count, threads=2)


def beside_the_limit(case: common.Case, op: str, count: int, budget: float) -> common.Row:
    """Our time beside the least that the arithmetic of the maps can take; ratio = limit/ours, below 1."""
    common.say(f"{case.name}: limit of arithmetic, {op}")
    line, start = pack(case.line.with_settings(**MODELS[op])), particles(count)
    least, counted = limit(line)
    (seconds,) = common.in_turn([processor_timed(partial(track, line, start))], budget)
    return common.row(
        case.name, f"limit of arithmetic, {op}", "limit", seconds / count, least, None, model=op, particles=count,
        operations=dict(counted),
    )  # fmt: skip


@click.command()
@common.options
@click.option("--part", "parts", multiple=True, type=click.Choice(PARTS), help="Repeatable; all by default.")
@click.option("--particles", "counts", multiple=True, type=click.IntRange(min=1), default=COUNTS, show_default=True)
@click.option("--paper-002", "esr", type=click.Path(exists=True, path_type=Path), metavar="PATH",
              help="MAD-X file of the EIC ESR: really track 1000 particles for 1000 turns (a minute) and nothing else.")
def main(
    quick: bool,
    lattices: tuple[Path, ...],
    peers: str,
    json_path: Path | None,
    parts: tuple[str, ...],
    counts: tuple[int, ...],
    esr: Path | None,
) -> None:  # fmt: skip
    """Particle tracking beside MAD-NG, xtrack, pyAT and PTC; seconds per particle and turn."""
    chosen = peers.split(",") if peers else [wanted.peer for wanted in COMPARISONS]
    parts, budget = parts or PARTS, 0.5 if quick else 3.0
    counts = (250,) if quick else tuple(sorted(counts))
    rows: list[common.Row] = []
    try:
        if esr is not None:
            rows += tracking_runs.paper_002(esr, turns=3 if quick else 1000)
            parts = ()
        for path in lattices or (common.DEFAULT_LATTICE,):
            case = common.Case.read(path)
            if "peers" in parts:
                rows += beside_peers(case, counts, chosen, budget)
            if "threads" in parts:
                rows += [threads(case, count, budget) for count in counts]
            if "limit" in parts:
                rows += [beside_the_limit(case, op, 1024, budget) for op in MODELS]
            if "aperture" in parts and "pyat" in chosen and path == common.DEFAULT_LATTICE:
                rows.append(tracking_runs.aperture(case, quick, budget))
    finally:  # what was measured before an interrupt stays
        common.finish(rows, "tracking", quick, json_path)


if __name__ == "__main__":
    main()
