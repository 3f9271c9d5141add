"""Rows, timing and options shared by the benchmarks.

A row has ``case`` (lattice), ``op`` (what was timed), ``peer`` (other code), ``ours_s`` and ``peer_s`` (median seconds
of one call, warm; the least in `tpsa_ops`), ``ratio`` = peer_s / ours_s (above 1: we are ahead), ``error`` (measured
disagreement of the two answers), ``threads``, ``device``, and the machine it was measured on. The row of a peer that is
not installed has ``note`` and no numbers.
"""

from __future__ import annotations

import importlib.metadata
import json
import os
import platform
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.table import Table

from tracking.io.madx import load_madx
from tracking.line import Line

ROOT = Path(__file__).resolve().parent.parent
RESULTS = Path(__file__).resolve().parent / "results"
DEFAULT_LATTICE = ROOT / "tracking" / "data" / "spear3.madx"
Row = dict[str, Any]
Sample = Callable[[], float]


@dataclass(frozen=True)
class Case:
    """A lattice file and our line of it, cavities off."""

    name: str
    path: Path
    line: Line

    @classmethod
    def read(cls, path: Path) -> Case:
        """The only or last used sequence of a MAD-X file."""
        return cls(path.stem, path, load_madx(path).with_settings(rf=False))


def options(command: Callable) -> Callable:
    """The command-line options that every benchmark has."""
    for option in (
        click.option("--json", "json_path", type=click.Path(path_type=Path), help="Write the rows to this file."),
        click.option("--peers", default="", help="Comma-separated peers to compare with; all by default."),
        click.option(
            "--lattice", "lattices", multiple=True, type=click.Path(exists=True, path_type=Path),
            help="MAD-X file, repeatable; the packaged SPEAR3 by default.",
        ),
        click.option("--quick", is_flag=True, help="Fewer orders and repeats; two minutes at most when warm."),
    ):  # fmt: skip
        command = option(command)
    return command


def timed(function: Callable[[], Any]) -> Sample:
    """A sample of the wall-clock seconds of one call."""

    def sample() -> float:
        start = time.perf_counter()
        function()
        return time.perf_counter() - start

    return sample


def processor_timed(function: Callable[[], Any]) -> Sample:
    """A sample of the processor seconds of one call on one thread; other work on the machine does not count."""

    def sample() -> float:
        start = time.process_time()
        function()
        return time.process_time() - start

    return sample


def in_turn(
    samples: Sequence[Sample], budget: float, pick: Callable[[Iterable[float]], float] = statistics.median
) -> tuple[float, ...]:
    """Median seconds of several codes, or another pick of the samples, taken in turn so that all meet the same load.

    Parameters
    ----------
    samples : callables returning the seconds of one call
    budget : float
        Stop after this many seconds [s], but not before five samples of each, or three where they take ten times that.
    pick : callable
        What stands for the samples: `min` for loops of nanoseconds, which other work on the machine only lengthens.
    """
    for sample in samples:
        sample()
    rounds: list[list[float]] = []
    start = time.perf_counter()
    while len(rounds) < 200:
        rounds.append([sample() for sample in samples])
        spent = time.perf_counter() - start
        if (spent > budget and len(rounds) >= 5) or (spent > 10.0 * budget and len(rounds) >= 3):
            break
    return tuple(pick(seconds) for seconds in zip(*rounds, strict=True))


def interleaved(
    ours: Sample, peer: Sample, budget: float, pick: Callable[[Iterable[float]], float] = statistics.median
) -> tuple[float, float]:
    """`in_turn` of two codes."""
    first, second = in_turn((ours, peer), budget, pick)
    return first, second


def say(text: str) -> None:
    """A line of progress on stderr."""
    print(text, file=sys.stderr, flush=True)


def row(case: str, op: str, peer: str, ours_s: float, peer_s: float, error: float | None, **more: Any) -> Row:
    """A measured row."""
    return {
        "case": case, "op": op, "peer": peer, "ours_s": ours_s, "peer_s": peer_s, "ratio": peer_s / ours_s,
        "error": error, "threads": 1, "device": "cpu", **more,
    }  # fmt: skip


def absent(case: str, op: str, peer: str, why: str) -> Row:
    """The row of a peer that could not be asked."""
    keys = ("ours_s", "peer_s", "ratio", "error")
    return {"case": case, "op": op, "peer": peer, **dict.fromkeys(keys), "threads": 1, "device": "cpu", "note": why}


def environment() -> Row:
    """Processor, versions, commit and date of a run."""
    packages = ("numpy", "numba", "scipy", "cpymad", "pymadng", "xtrack", "accelerator-toolbox")
    versions = {"python": platform.python_version()}
    for package in packages:
        try:
            versions[package] = importlib.metadata.version(package)
        except importlib.metadata.PackageNotFoundError:
            versions[package] = None
    return {
        "cpu": processor(), "cores": os.cpu_count(), "load_1min": round(os.getloadavg()[0], 2), "versions": versions,
        "commit": commit(), "date": datetime.now(UTC).strftime("%Y-%m-%d"),
    }  # fmt: skip


def processor() -> str:
    """Name and widest vector extension of the processor."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    found = {key.strip(): value.strip() for key, _, value in (line.partition(":") for line in reversed(lines))}
    flags = found.get("flags", "").split()
    vector = next((flag for flag in ("avx512f", "avx2", "avx") if flag in flags), "")
    return f"{found.get('model name', platform.machine())} {vector}".strip()


def commit() -> str | None:
    """Short hash of the checked-out commit."""
    try:
        return subprocess.run(
            ["git", "rev-parse", "--short", "HEAD"], cwd=ROOT, capture_output=True, text=True, check=True
        ).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return None


def finish(rows: Sequence[Row], name: str, quick: bool, json_path: Path | None) -> None:
    """Print the rows as a table and store them: at `json_path`, or in benchmarks/results unless the run was quick."""
    where = environment()
    rows = [{**one, "machine": where} for one in rows]
    table = Table(title=f"{name}: ratio above 1 means taylorbeam is faster")
    for heading in ("case", "op", "peer", "ours [s]", "peer [s]", "ratio", "error"):
        table.add_column(heading)
    for one in rows:
        numbers = [one[key] for key in ("ours_s", "peer_s", "ratio", "error")]
        cells = ["-" if number is None else f"{number:.3g}" for number in numbers]
        cells = cells if "note" not in one else [one["note"], "", "", ""]
        table.add_row(one["case"], one["op"], one["peer"], *cells)
    Console(width=130).print(table)
    path = json_path or (None if quick else RESULTS / f"{name}.json")
    if path is not None:
        store(rows, path)
        print(f"{len(rows)} rows in {path}", file=sys.stderr)


def store(rows: Sequence[Row], path: Path) -> None:
    """Write rows to a JSON list; rows already there stay unless they have the same case, op and peer."""
    old = json.loads(path.read_text(encoding="utf-8")) if path.exists() else []
    kept = {(one["case"], one["op"], one["peer"]): one for one in [*old, *rows]}
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(list(kept.values()), indent=1) + "\n", encoding="utf-8")
