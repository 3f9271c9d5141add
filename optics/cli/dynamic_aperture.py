"""``taylorbeam da``: dynamic aperture by tracking."""

from __future__ import annotations

from pathlib import Path
from time import perf_counter
from typing import Any

import click
import numpy as np

from optics.cli.lattice import Lattice, lattice_command
from optics.cli.output import columns, emit, numbers
from optics.dynamic_aperture import DynamicAperture, dynamic_aperture
from optics.plot_aperture import plot_dynamic_aperture


@lattice_command("da")
@click.option("--turns", type=click.IntRange(min=1), default=1000, show_default=True, metavar="N")
@click.option("--angles", type=click.IntRange(min=2), default=19, show_default=True, metavar="N",
              help="Rays from 0 to pi.")  # fmt: skip
@click.option("--delta", default="0", show_default=True, metavar="D1,D2,...", help="Momentum deviations.")
@click.option("--largest", type=float, default=0.05, show_default=True, metavar="M", help="End of the search [m].")
@click.option("--tolerance", type=float, metavar="M", help="Accuracy of the border [m].  [default: largest/1000]")
@click.option("--at", metavar="NAME", help="Element at whose exit particles start.  [default: start of the line]")
@click.option("--threads", type=click.IntRange(min=1), default=1, show_default=True)
@click.option("--cluster", metavar="ADDRESS|local", help="Dask scheduler, or worker processes on this machine.")
@click.option("--workers", type=click.IntRange(min=1), metavar="N", help="Number of local workers.")
@click.option("--plot", type=click.Path(dir_okay=False, path_type=Path), help="Write a figure (png, pdf, svg).")
def da_command(
    lattice: Lattice,
    json_path: str | None,
    delta: str,
    plot: Path | None,
    **options: Any,
) -> None:
    """Dynamic aperture of FILE: the border of stable motion about the closed orbit.

    \b
    Examples:
      taylorbeam da ring.madx --turns 1000 --largest 0.03 --plot aperture.png
      taylorbeam da ring.madx --delta -0.02,0,0.02 --threads 2 --json -
      taylorbeam da ring.madx --turns 100000 --cluster tcp://host:8786

    Along every ray, some amplitudes at a time are tracked until the border is known to the tolerance; --threads and
    --cluster change the time it takes, not a digit of the result. Without a number of slices, magnets have 10. JSON:
    turns, angles [rad], deltas, stable, lost, x, y [m] (delta by angle; lost is null where the search found no loss),
    area [m^2], closed_orbit, seconds.
    """
    line = lattice.load()
    line = line.with_settings(slices=lattice.slices or line.settings.slices)
    begin = perf_counter()
    result = dynamic_aperture(line, deltas=numbers("--delta", delta), **options)
    seconds = perf_counter() - begin
    if plot is not None:
        plot_dynamic_aperture(result, plot)
        click.echo(f"wrote {plot}", err=True)
    emit(_document(result) | {"seconds": seconds}, _table(result), json_path)


def _document(result: DynamicAperture) -> dict[str, Any]:
    names = ("turns", "angles", "deltas", "stable", "lost", "x", "y", "area")
    return {name: getattr(result, name) for name in names} | {"closed_orbit": result.orbit}


def _table(result: DynamicAperture) -> list[str]:
    lines = []
    for k, delta in enumerate(result.deltas.tolist()):
        lengths = 1e3 * np.stack([result.stable[k], result.x[k], result.y[k]])
        rows = np.vstack([np.degrees(result.angles), lengths]).T
        lines += [f"delta {delta:g}   area {1e6 * result.area[k]:.6g} mm^2   {result.turns} turns"]
        lines += [*columns(("angle [deg]", "r [mm]", "x [mm]", "y [mm]"), rows.tolist()), ""]
    if result.open.any():
        lines.append(f"{result.open.sum()} rays without a loss: a larger --largest finds their border")
    return lines
