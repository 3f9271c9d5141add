"""``taylorbeam twiss``: optics of a ring or a beam line."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from optics.cli.kernels import compile_kernels
from optics.cli.lattice import Lattice, Seconds, Stopwatch, lattice_command
from optics.cli.output import columns, emit, import_report, number
from optics.initial import InitialOptics
from optics.plot import plot_twiss
from optics.twiss import twiss
from optics.twiss_result import TwissResult
from tracking.line import Line

ELEMENT_COLUMNS = (
    "s", "betx", "alfx", "mux", "bety", "alfy", "muy", "dx", "dpx", "dy", "dpy", "x", "px", "y", "py", "zeta", "pzeta",
)  # fmt: skip
TABLE_COLUMNS = ("s", "betx", "alfx", "mux", "bety", "alfy", "muy", "dx", "dpx", "dy")


@lattice_command("twiss")
@click.option("--method", type=click.Choice(["4d", "6d"]), help="Normal modes.  [default: 6d where RF is on]")
@click.option("--initial", metavar="betx=..,alfx=..,...", help="Initial values of a beam line, at least betx and bety.")
@click.option(
    "--order", type=click.IntRange(min=1), default=2, show_default=True, help="Chromaticity terms up to delta^N."
)
@click.option("--at", metavar="GLOB", help="Print only places whose name matches.")
@click.option("--inside", is_flag=True, help="Also at slice boundaries inside thick elements.")
@click.option("--tfs", type=click.Path(dir_okay=False, path_type=Path), help="Write a TFS table.")
@click.option("--plot", type=click.Path(dir_okay=False, path_type=Path), help="Write a figure (png, pdf, svg).")
def twiss_command(
    lattice: Lattice,
    json_path: str | None,
    method: str | None,
    initial: str | None,
    order: int,
    at: str | None,
    inside: bool,
    tfs: Path | None,
    plot: Path | None,
) -> None:
    """Closed orbit, tunes, Twiss functions, dispersion and chromaticity of FILE, at element exits.

    \b
    Examples:
      taylorbeam twiss ring.madx
      taylorbeam twiss ring.madx --set kqf=0.31 --no-rf --order 4 --json -
      taylorbeam twiss ring.madx --at "bpm*" --tfs twiss.tfs --plot optics.pdf
      taylorbeam twiss line.madx --initial betx=5,alfx=-1,bety=3,alfy=0.5,dx=0.1

    Lengths in m, phases in 2 pi, derivatives per delta = dP/p0. `chromaticity` holds Taylor coefficients of delta^1,
    delta^2, ...; alpha_c those of dC/C = alpha_c[0] delta + alpha_c[1] delta^2 + ... With --start/--end the optics is
    periodic over that part, unless --initial is given.
    """
    seconds = Seconds()
    start = InitialOptics.parse(initial) if initial else None
    with Stopwatch(seconds, "load"):
        line = lattice.load()
    with Stopwatch(seconds, "compile"):
        compile_kernels(line)
    with Stopwatch(seconds, "compute"):
        line = lattice.sliced(line, start)
        result = twiss(line, method=method, initial=start, order=order, inside=inside)
        places = range(len(result)) if at is None else result.matching(at)
    if tfs is not None:
        result.to_tfs(tfs)
    if plot is not None:
        smooth = result if inside else twiss(line, method=method, initial=start, order=0, inside=True)
        plot_twiss(smooth, plot)
    document = _document(line, result, places) | {"seconds": asdict(seconds)}
    emit(document, _table(result, places), json_path)


def _document(line: Line, result: TwissResult, places: Any) -> dict[str, Any]:
    table = [result.columns[name].tolist() for name in ELEMENT_COLUMNS]
    elements = [
        {"name": result.names[i], "keyword": result.keywords[i]}
        | {name: column[i] for name, column in zip(ELEMENT_COLUMNS, table, strict=True)}
        for i in places
    ]
    chromaticity = result.chromaticity
    return {
        "length": result.length,
        "q1": result.q1,
        "q2": result.q2,
        "qs": result.qs,
        "dq1": result.dq1,
        "dq2": result.dq2,
        "chromaticity": None if chromaticity is None else {"q1": chromaticity[0], "q2": chromaticity[1]},
        "alpha_c": result.alpha_c,
        "gamma_tr": result.gamma_tr,
        "closed_orbit": result.closed_orbit,
        "matrix": result.matrix,
        "elements": elements,
        "slices": line.settings.slices,
        "integrator": line.settings.integrator,
        "report": import_report(line),
    }


def _table(result: TwissResult, places: Any) -> list[str]:
    lines = [f"length    {number(result.length)} m"]
    lines.append(f"tunes     q1 {number(result.q1)}   q2 {number(result.q2)}   qs {number(result.qs)}")
    if result.chromaticity is not None:
        for k, terms in enumerate(result.chromaticity, start=1):
            lines.append(f"q{k}(delta)  " + "  ".join(f"{c:+.6g} d^{n}" for n, c in enumerate(terms, start=1)))
        lines.append(f"alpha_c   {number(result.alpha_c[0])}   gamma_tr {number(result.gamma_tr)}")
    rows = ([result.names[i], *(float(result.columns[name][i]) for name in TABLE_COLUMNS)] for i in places)
    return [*lines, "", *columns(("name", *TABLE_COLUMNS), rows)]
