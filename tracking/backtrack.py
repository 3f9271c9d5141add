"""Backtracking: the packed line whose maps undo those of another, row by row."""

from __future__ import annotations

from dataclasses import replace
from itertools import chain

import numpy as np

from tracking.errors import InputError
from tracking.inverse import inverse_row
from tracking.line import Line
from tracking.pack import PackedLine, pack


def inverse_line(line: Line | PackedLine) -> PackedLine:
    """Packed line from the end to the start, to be tracked like any other.

    Element i has the name of the forward line's element n - 1 - i. Apertures stand where they did, which is at
    entrances now, so that what the forward line lets through comes back. `s` falls.

    Parameters
    ----------
    line : Line or PackedLine

    Returns
    -------
    PackedLine

    Raises
    ------
    InputError
        For a row with a series as a parameter, or a user's own map, whose inverse is not known.
    """
    packed = line if isinstance(line, PackedLine) else pack(line)
    if packed.generic_rows:
        raise InputError("inverse_line: the line has knobs as series; expected one packed with plain numbers")
    rows = [
        inverse_row(op, tuple(packed.par[begin:end].tolist()))
        for op, begin, end in zip(packed.ops.tolist(), packed.ptr[:-1], packed.ptr[1:], strict=True)
    ][::-1]
    elements, counts = packed.count.size, np.diff(packed.first_row)[::-1]
    first_row = np.concatenate([[0], np.cumsum(counts)])
    kind, numbers = _apertures_at_entrances(packed)
    return replace(
        packed,
        ops=np.array([op for op, _ in rows], dtype=np.int64),
        ptr=np.cumsum([0, *(len(p) for _, p in rows)], dtype=np.int64),
        par=np.array(list(chain.from_iterable(p for _, p in rows)), dtype=np.float64),
        first_row=first_row,
        body_start=first_row[:-1],
        body_rows=counts.copy(),
        count=np.ones(elements, dtype=np.int64),
        aperture_kind=kind,
        aperture_ptr=np.cumsum([0, *(len(p) for p in numbers)], dtype=np.int64),
        aperture_par=np.array(list(chain.from_iterable(numbers)), dtype=np.float64),
        s=packed.s[::-1].copy(),
        references=packed.references[::-1],
        stage=len(packed.references) - 1 - packed.stage[::-1],
        names=packed.names[::-1],
    )


def _apertures_at_entrances(packed: PackedLine) -> tuple[np.ndarray, list[tuple[float, ...]]]:
    """Kind and numbers behind each element of the inverse line; the last has none."""
    ptr = packed.aperture_ptr.tolist()
    forward = [tuple(packed.aperture_par[a:b].tolist()) for a, b in zip(ptr[:-1], ptr[1:], strict=True)]
    kind = np.append(packed.aperture_kind[:-1][::-1], -1)[: packed.aperture_kind.size]
    return kind, [*forward[:-1][::-1], ()][: len(forward)]
