"""``taylorbeam info``: what a lattice file holds."""

from __future__ import annotations

from collections import Counter
from typing import Any

from optics.cli.lattice import Lattice, lattice_command
from optics.cli.output import columns, emit, import_report, number
from tracking.line import Line


@lattice_command("info")
def info(lattice: Lattice, json_path: str | None) -> None:
    """Sequence, reference particle, elements, knobs and import report of FILE.

    \b
    Examples:
      taylorbeam info ring.madx
      taylorbeam info rings.madx --sequence ring1 --json -

    JSON: mass, p0c [eV], charge [e], length [m]; knobs are the independent names that elements depend on.
    """
    line = lattice.load()
    document = _document(line)
    emit(document, _table(document), json_path)


def _document(line: Line) -> dict[str, Any]:
    reference = line.reference
    return {
        "sequence": line.name,
        "length": line.length,
        "particle": reference.name,
        "mass": reference.mass,
        "charge": reference.charge,
        "p0c": reference.p0c,
        "beta0": reference.beta0,
        "gamma0": reference.gamma0,
        "counts": dict(sorted(Counter(element.keyword for element in line.elements).items())),
        "knobs": {name: line.knobs.value(name) for name in line.knobs.independent},
        "report": import_report(line),
    }


def _table(document: dict[str, Any]) -> list[str]:
    lines = [
        f"sequence  {document['sequence']}",
        f"length    {number(document['length'])} m",
        f"particle  {document['particle']}, charge {number(document['charge'])} e, mass {number(document['mass'])} eV",
        f"momentum  {number(document['p0c'])} eV/c, beta0 {number(document['beta0'])}, "
        f"gamma0 {number(document['gamma0'])}",
        "",
        *columns(("keyword", "elements"), document["counts"].items()),
    ]
    if document["knobs"]:
        lines += ["", *columns(("knob", "value"), ((k, number(v)) for k, v in document["knobs"].items()))]
    for kind, entries in document["report"].items():
        lines += [f"{kind}: {entry['what']} ({entry['file']}:{entry['line']})" for entry in entries]
    return lines
