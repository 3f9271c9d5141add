"""``taylorbeam fma``: frequency map by tracking."""

from __future__ import annotations

from pathlib import Path
from time import perf_counter
from typing import Any

import click
import numpy as np

from optics.cli.lattice import Lattice, lattice_command
from optics.cli.output import emit, number, numbers
from optics.frequency_map import FrequencyMap, frequency_map
from optics.plot_tunes import plot_frequency_map
from tracking.errors import InputError

DEFAULT_RANGES = {"x": (0.0, 0.01), "y": (0.0, 0.01), "delta": (-0.01, 0.01)}
PLANES = ("x,y", "x,delta", "y,delta")


@lattice_command("fma")
@click.option("--turns", type=click.IntRange(min=32), default=1024, show_default=True, metavar="N")
@click.option("--plane", type=click.Choice(PLANES), default=PLANES[0], show_default=True, help="Axes of the grid.")
@click.option("--grid", default="31,31", show_default=True, metavar="N1,N2", help="Numbers of particles.")
@click.option("--range", "ranges", metavar="A1,B1,A2,B2",
              help="Ends of both axes [m], [1].  [default: 0 to 0.01, -0.01 to 0.01 of delta]")  # fmt: skip
@click.option("--delta", default="0", show_default=True, metavar="D1,D2,...",
              help="Momentum deviations of the plane x,y.")  # fmt: skip
@click.option("--threads", type=click.IntRange(min=1), default=1, show_default=True)
@click.option("--cluster", metavar="ADDRESS|local", help="Dask scheduler, or worker processes on this machine.")
@click.option("--workers", type=click.IntRange(min=1), metavar="N", help="Number of local workers.")
@click.option("--csv", type=click.Path(dir_okay=False, path_type=Path), help="Write a row per particle.")
@click.option("--plot", type=click.Path(dir_okay=False, path_type=Path), help="Write a figure (png, pdf, svg).")
@click.option("--order", type=click.IntRange(min=1), default=5, show_default=True, metavar="N",
              help="Of the resonance lines in the figure.")  # fmt: skip
@click.option("--superperiod", type=click.IntRange(min=1), default=1, show_default=True, metavar="N",
              help="Periods of the ring; only lines that it drives are drawn.")  # fmt: skip
def fma_command(
    lattice: Lattice,
    json_path: str | None,
    plane: str,
    grid: str,
    ranges: str | None,
    delta: str,
    csv: Path | None,
    plot: Path | None,
    order: int,
    superperiod: int,
    **options: Any,
) -> None:
    """Frequency map of FILE: tunes of a grid of particles, and their diffusion between two halves of the turns.

    \b
    Examples:
      taylorbeam fma ring.madx --range 0,0.02,0,0.01 --plot map.png
      taylorbeam fma ring.madx --plane x,delta --grid 41,41 --range -0.02,0.02,-0.03,0.03 --csv map.csv
      taylorbeam fma ring.madx --grid 201,201 --turns 2048 --cluster tcp://host:8786 --json map.json

    --threads and --cluster change the time it takes, not a digit of the result. Without a number of slices, magnets
    have 10. JSON: turns, x, y, deltas, tunes (half, delta, y, x, mode), diffusion, lost_turn (delta, y, x; -1 for
    survivors), linear_tunes, closed_orbit, seconds. Tunes and diffusion of lost particles are null.
    """
    line = lattice.load()
    line = line.with_settings(slices=lattice.slices or line.settings.slices)
    axes = _axes(plane, grid, ranges)
    if "delta" not in axes:
        axes["delta"] = np.array(numbers("--delta", delta))
    elif delta != "0":
        raise InputError(f"--delta {delta!r} with --plane {plane}; expected the deviations in --grid and --range")
    begin = perf_counter()
    result = frequency_map(line, axes.get("x", 0.0), axes.get("y", 0.0), deltas=axes["delta"], **options)
    seconds = perf_counter() - begin
    if csv is not None:
        result.to_pandas().to_csv(csv, index=False)
        click.echo(f"wrote {csv}", err=True)
    if plot is not None:
        plot_frequency_map(result, plot, order=order, superperiod=superperiod)
        click.echo(f"wrote {plot}", err=True)
    emit(_document(result) | {"seconds": seconds}, _summary(result), json_path)


def _axes(plane: str, grid: str, ranges: str | None) -> dict[str, np.ndarray]:
    """Values of both axes of the grid."""
    names = plane.split(",")
    ends = [end for name in names for end in DEFAULT_RANGES[name]] if ranges is None else numbers("--range", ranges)
    counts = numbers("--grid", grid)
    if len(ends) != 4:
        raise InputError(f"--range {ranges!r}; expected four numbers with commas between them")
    if len(counts) != 2 or any(count < 1 or count != int(count) for count in counts):
        raise InputError(f"--grid {grid!r}; expected two integers above 0 with a comma between them")
    return {name: np.linspace(*ends[2 * k : 2 * k + 2], int(counts[k])) for k, name in enumerate(names)}


def _document(result: FrequencyMap) -> dict[str, Any]:
    names = ("turns", "x", "y", "deltas", "tunes", "diffusion", "lost_turn", "linear_tunes")
    return {name: getattr(result, name) for name in names} | {"closed_orbit": result.orbit}


def _summary(result: FrequencyMap) -> list[str]:
    survived = result.survived
    lines = [
        f"{survived.sum()} of {survived.size} particles survived {result.turns} turns",
        "tunes of small amplitudes  " + "  ".join(number(tune) for tune in result.linear_tunes.tolist()),
    ]
    if survived.any():
        early = result.tunes[0][survived]
        for name, values in (("Q1", early[:, 0]), ("Q2", early[:, 1]), ("log10 diffusion", result.diffusion[survived])):
            low, middle, high = np.percentile(values, [0.0, 50.0, 100.0]).tolist()
            lines.append(f"{name}: {number(low, 8)} to {number(high, 8)}, median {number(middle, 8)}")
    return lines
