"""``taylorbeam track``: particles through a ring or a beam line."""

from __future__ import annotations

import csv
import sys
from pathlib import Path
from time import perf_counter
from typing import Any

import click
import numpy as np
from numpy.typing import NDArray

from optics.cli.lattice import Lattice, lattice_command
from optics.cli.output import columns, emit
from optics.matched_beam import BeamParameters, matched_beam
from tracking.beams import moments, read_beam
from tracking.engine_float import track
from tracking.errors import InputError
from tracking.line import Line
from tracking.monitor import COORDINATES, TurnMonitor
from tracking.stream import StreamMonitor
from tracking.track_result import TrackResult

HEADER = ("particle", "turn", *COORDINATES, "alive")


@lattice_command("track")
@click.option("--particles", required=True, metavar="N|PATH", help="How many, or a file with their coordinates.")
@click.option("--turns", type=click.IntRange(min=0), default=1, show_default=True, metavar="N")
@click.option("--beam", metavar="ex=..,ey=..,...", help="Beam of N particles: kind, ex, ey [m], sigp, sigz [m], ..., "
              "see below.")  # fmt: skip
@click.option("--threads", type=click.IntRange(min=1), default=1, show_default=True)
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="Coordinates: all turns (.h5), or first "
              "and last (.csv).")  # fmt: skip
@click.option("--checkpoint", type=click.Path(dir_okay=False, path_type=Path), help="Go on from it if it is there.")
@click.option("--every", type=click.IntRange(min=1), metavar="N", help="Turns between two checkpoints.")
def track_command(
    lattice: Lattice,
    json_path: str | None,
    particles: str,
    turns: int,
    beam: str | None,
    threads: int,
    out: Path | None,
    checkpoint: Path | None,
    every: int | None,
) -> None:
    """Track particles through FILE.

    \b
    Examples:
      taylorbeam track ring.madx --particles 1000 --turns 1000 --beam ex=1e-8,ey=1e-10
      taylorbeam track ring.madx --particles start.csv --turns 100 --threads 2 --out end.csv --json -
      taylorbeam track ring.madx --particles 1000 --turns 100000 --checkpoint state.npz --every 1000

    N particles form a beam matched to the optics, about the closed orbit. --beam takes kind (gaussian, kv, waterbag,
    uniform, parabolic, hollow, q-gaussian, pencil), longitudinal (one of these, or joint), ex, ey, sigp, sigz, ez,
    bucket (none, linear, nonlinear), cut, inner, q, seed, quiet (0, 1), exact (0, 1). A particle file is a CSV table
    with the columns x, px, y, py, zeta, pzeta, an array (.npy), or openPMD (.h5). Without a number of slices, magnets
    have 10. JSON: turns, particles, alive, lost, moments at start and end of the living particles, seconds. Exit code 0
    even if particles are lost.
    """
    line = lattice.load()
    line = line.with_settings(slices=lattice.slices or line.settings.slices)
    start = _particles(line, particles, BeamParameters.parse(beam))
    monitors = _monitors(out)
    begin = perf_counter()
    result = track(
        line, start, turns, threads=threads, monitors=monitors, checkpoint=checkpoint, every=every,
        progress=sys.stderr.isatty(),
    )  # fmt: skip
    seconds = perf_counter() - begin
    if out is not None:
        if not monitors:
            _write_csv(out, start, result)
        click.echo(f"wrote {out}", err=True)
    document = _document(line, start, result) | {"seconds": seconds}
    emit(document, _table(document), json_path)


def _particles(line: Line, particles: str, parameters: BeamParameters) -> NDArray[np.float64]:
    if particles.isdecimal():
        if int(particles) < 1:
            raise InputError(f"--particles {particles}; expected at least 1, or a file")
        return matched_beam(line, int(particles), parameters)
    beam = read_beam(particles, line.reference)
    if not beam.alive.all():
        click.echo(f"{particles}: {int((~beam.alive).sum())} lost particles left out", err=True)
    return beam.particles[beam.alive]


def _monitors(out: Path | None) -> list[TurnMonitor]:
    if out is None or out.suffix == ".csv":
        return []
    if out.suffix != ".h5":
        raise InputError(f"--out {out}; expected a name that ends in .h5 or .csv")
    return [StreamMonitor(out)]


def _write_csv(path: Path, start: NDArray, result: TrackResult) -> None:
    """Two rows of every particle: before the first turn, and after its last."""
    last = np.where(result.alive, result.turns, result.lost_turn)
    with path.open("w", newline="", encoding="utf-8") as file:
        table = csv.writer(file)
        table.writerow(HEADER)
        for i, z in enumerate(start.tolist()):
            table.writerow((i, 0, *map(repr, z), 1))
        for i, z in enumerate(result.coordinates.tolist()):
            table.writerow((i, int(last[i]), *map(repr, z), int(result.alive[i])))


def _document(line: Line, start: NDArray, result: TrackResult) -> dict[str, Any]:
    lost = [
        {
            "particle": int(record["particle"]),
            "turn": int(record["turn"]),
            "element": line.names[record["element"]],
            "s": float(record["s"]),
            "cause": str(record["cause"]),
        }
        for record in result.losses
    ]
    return {
        "turns": result.turns,
        "particles": len(start),
        "alive": int(result.alive.sum()),
        "lost": lost,
        "moments": {"start": _moments(start), "end": _moments(result.coordinates[result.alive])},
    }


def _moments(z: NDArray) -> dict[str, Any] | None:
    if not len(z):
        return None
    found = moments(z)
    return {"mean": found.mean, "covariance": found.covariance, "emittance": found.emittance}


def _table(document: dict[str, Any]) -> list[str]:
    lines = [f"{document['alive']} of {document['particles']} particles alive after {document['turns']} turns"]
    if document["lost"]:
        rows = [[one["element"], one["turn"], one["particle"], one["s"], one["cause"]] for one in document["lost"]]
        lines += ["", *columns(("element", "turn", "particle", "s [m]", "cause"), rows)]
    return lines
