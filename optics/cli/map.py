"""``taylorbeam map``: Taylor map of a line about its closed orbit."""

from __future__ import annotations

from typing import Any

import click

from optics.cli.kernels import compile_kernels
from optics.cli.lattice import Lattice, lattice_command
from optics.cli.output import emit
from optics.errors import OpticsError
from optics.initial import InitialOptics
from optics.maps import one_turn_map
from tpsa import TaylorMap
from tracking.line import Line


@lattice_command("map")
@click.option("--order", type=click.IntRange(min=1), required=True, help="Order of the map.")
@click.option("--knobs", "parameters", metavar="K1,K2,...", help="Knobs that become variables of the map.")
@click.option("--knob-order", type=click.IntRange(min=1), default=1, show_default=True, metavar="M")
def map_command(lattice: Lattice, json_path: str | None, order: int, parameters: str | None, knob_order: int) -> None:
    """Taylor map of FILE about the closed orbit, in deviations from it and from the knobs' values.

    \b
    Examples:
      taylorbeam map ring.madx --order 2
      taylorbeam map ring.madx --order 3 --knobs kqf,kqd --knob-order 2 --json map.json
      taylorbeam map ring.madx --order 4 --start ip1 --end ip5 --slices 16 --json -

    The constant term of each row is the closed orbit. Coefficients that are zero are left out.
    """
    line = lattice.load()
    knobs = [name.strip() for name in parameters.split(",")] if parameters else []
    compile_kernels(line, knobs)
    line = _sliced(lattice, line)
    document = _document(one_turn_map(line, order, knobs, knob_order=knob_order))
    emit(document, _table(document), json_path)


def _sliced(lattice: Lattice, line: Line) -> Line:
    """Slices by the tunes, or where there are none by the phase advances from betx = bety = 1 m."""
    try:
        return lattice.sliced(line)
    except OpticsError:
        return lattice.sliced(line, InitialOptics())


def _document(one_turn: TaylorMap) -> dict[str, Any]:
    descriptor = one_turn.descriptor
    exponents = descriptor.exponents.tolist()
    rows = one_turn.coefficients.tolist()
    terms = [[[e, c] for e, c in zip(exponents, row, strict=True) if c != 0.0] for row in rows]
    return {
        "variables": list(descriptor.names),
        "order": descriptor.order,
        "coefficients": dict(zip(descriptor.names, terms, strict=False)),
    }


def _table(document: dict[str, Any]) -> list[str]:
    lines = ["exponents of " + ", ".join(document["variables"])]
    for name, terms in document["coefficients"].items():
        lines += ["", name]
        lines += [f"  {' '.join(map(str, exponents))}  {value: .15e}" for exponents, value in terms]
    return lines
