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
    """Values (k, n) of function(coordinates, source, parameters), k in number, for `z` (n, 6) at n > 0 rows."""
    ops, widths = packed.ops[rows], np.diff(packed.ptr)[rows]
    shapes = ops * (1 + widths.max(initial=0)) + widths
    values: NDArray | None = None
    for shape in np.flatnonzero(np.bincount(shapes)):
        chosen = np.flatnonzero(shapes == shape)
        first = chosen[0]
        parameters = packed.par[packed.ptr[rows[chosen]] + np.arange(widths[first])[:, None]]
        found = np.broadcast_arrays(*function(tuple(z[chosen].T), SOURCES[int(ops[first])], parameters))
        if values is None:
            values = np.empty((len(found), len(rows)), dtype=np.result_type(*found))
        values[:, chosen] = found
    return values
