"""What the radiating rows of a packed line emit, many rows at once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tracking.errors import InputError
from tracking.maps.radiation import combined_source, curved_source, multipole_source, wiggler_source
from tracking.ops import Op
from tracking.pack import PackedLine
from tracking.quantum import DISTRIBUTIONS

# op code of a row with mean or fluctuating radiation: source of its field
SOURCES: dict[int, Callable[..., tuple]] = {
    Op.RADIATION: multipole_source,
    Op.RADIATION_CURVED: curved_source,
    Op.RADIATION_WIGGLER: wiggler_source,
    Op.RADIATION_COMBINED: combined_source,
    **{op: source for op, (source, _, _) in DISTRIBUTIONS.items()},
}


def radiating_rows(packed: PackedLine) -> NDArray[np.int64]:
    """Rows with radiation, ascending."""
    return np.flatnonzero(np.isin(packed.ops, list(SOURCES)))


def require_radiation(packed: PackedLine, name: str, advice: str) -> None:
    """Check that a line radiates, at one reference energy.

    Raises
    ------
    InputError
    """
    if not packed.radiates:
        raise InputError(f"{name}: nothing in this line radiates; {advice}")
    if len(packed.references) > 1:
        raise InputError(f"{name}: the reference energy changes along the line; expected one energy")


def fluctuates(packed: PackedLine, rows: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Whether the radiation of each row has fluctuations."""
    return np.isin(packed.ops[rows], list(DISTRIBUTIONS))


def of_rows(
    function: Callable[[tuple, Callable[..., tuple], Any], tuple],
    packed: PackedLine,
    rows: NDArray[np.int64],
    z: NDArray,
) -> NDArray:
    """Values (k, n) of function(coordinates, source, parameters), which returns k of them, for `z` (n, 6) at n rows."""
    shapes, shape_of_row = packed.shapes
    values: list[NDArray] = []
    order: list[NDArray[np.int64]] = []
    for shape in np.unique(shape_of_row[rows]):
        chosen = np.flatnonzero(shape_of_row[rows] == shape)
        op, width, _ = shapes[shape]
        parameters = packed.par[packed.ptr[rows[chosen]] + np.arange(width)[:, None]]
        found = function(tuple(z[chosen].T), SOURCES[op], parameters)
        values.append(np.stack(np.broadcast_arrays(*found)))
        order.append(chosen)
    return np.hstack(values)[:, np.argsort(np.concatenate(order))]
