"""JSON documents and tables of the command line."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import click

from tracking.errors import InputError
from tracking.line import Line


def emit(document: Mapping[str, Any], table: Iterable[str], json_path: str | None) -> None:
    """JSON to stdout (``-``) in place of the table, or to a file beside it; lines of `table` otherwise."""
    if json_path is not None:
        text = json.dumps(_plain(document), allow_nan=False)
        if json_path == "-":
            click.echo(text)
            return
        Path(json_path).write_text(text + "\n", encoding="utf-8")
        click.echo(f"wrote {json_path}", err=True)
    for line in table:
        click.echo(line)


def _plain(value: Any) -> Any:
    """Numbers, lists and dictionaries that JSON knows; numbers that are not finite become null."""
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if hasattr(value, "tolist"):
        return _plain(value.tolist())
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    return value


def columns(names: Sequence[str], rows: Iterable[Sequence[Any]]) -> list[str]:
    """Aligned text table: texts to the left, numbers to the right."""
    cells = [list(names), *([_cell(value) for value in row] for row in rows)]
    widths = [max(len(row[i]) for row in cells) for i in range(len(names))]
    texts = [i for i in range(len(names)) if len(cells) > 1 and not _is_number(cells[1][i])]
    align = [str.ljust if i in texts else str.rjust for i in range(len(names))]
    return ["  ".join(map(_padded, align, row, widths)).rstrip() for row in cells]


def number(value: float | None, digits: int = 10) -> str:
    """Text of a number of a summary."""
    return "-" if value is None else f"{value:.{digits}g}"


def numbers(option: str, text: str) -> list[float]:
    """Numbers with commas between them, as an option has them.

    Raises
    ------
    InputError
        For anything else.
    """
    try:
        return [float(part) for part in text.split(",")]
    except ValueError:
        raise InputError(f"{option} {text!r}; expected numbers with commas between them") from None


def _padded(align: Callable[[str, int], str], cell: str, width: int) -> str:
    return align(cell, width)


def _cell(value: Any) -> str:
    if not isinstance(value, float):
        return str(value)
    return f"{value:.6f}" if abs(value) >= 5e-7 else "0.000000"  # no minus sign before zeros


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def import_report(line: Line) -> dict[str, list[dict[str, Any]]]:
    """What the reader ignored, approximated and defaulted: lists of {file, line, what}."""
    report = line.report
    return {
        kind: [{"file": str(n.file), "line": n.line, "what": n.what} for n in getattr(report, kind, ())]
        for kind in ("ignored", "approximated", "defaulted")
    }
