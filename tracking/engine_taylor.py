"""Taylor maps through a line: the element maps run on compiled truncated power series.

Nothing but a cavity looks at zeta (radiation changes pzeta, but for any zeta alike). Lines without one are run in the
five variables (x, px, y, py, pzeta), about half of the work at orders 3 to 6, and put back into six: zeta only gets its
own monomial added, which is exact.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
from numba import carray
from numpy.typing import ArrayLike, NDArray

from tpsa import Descriptor, Workspace
from tpsa.context import pointer
from tpsa.slots import get, read_slot, settle, slot_row
from tracking.errors import InputError, MapError
from tracking.pack import PackedLine
from tracking.row_functions import FAILED, addresses, call_row, njit
from tracking.step import MapFunction

ZETA = 4  # index of zeta among the coordinates
TEMPORARIES = 512  # series that one element map may hold at a time
Coefficients = NDArray[np.float64]


def propagate(
    packed: PackedLine,
    descriptor: Descriptor,
    start: ArrayLike,
    first: int = 0,
    last: int | None = None,
    observe: ArrayLike | None = None,
) -> Coefficients:
    """Taylor series of the coordinates after rows `first` to `last`, or before each observed row.

    Parameters
    ----------
    packed : PackedLine
    descriptor : tpsa.Descriptor
        Six variables (x, px, y, py, zeta, pzeta), and a parameter for every knob of the line's generic rows.
    start : (6,) or (6, size) array
        Coordinates to expand about, or the series to start from.
    first, last : int
        Rows; all by default.
    observe : (m,) array of int, optional
        Ascending rows from `first` to `last`.

    Returns
    -------
    (6, size) or (m, 6, size) array
        Coefficients; not finite where the orbit leaves the maps' domain.

    Raises
    ------
    InputError
        For a descriptor without six variables, a start of another shape, or rows out of order.
    MapError
        If a map needs more room for its series than there is, or a user's map raises an error.
    """
    last = packed.n_rows if last is None else last
    if descriptor.variables != 6:
        raise InputError(f"propagate: descriptor of {descriptor.variables} variables; expected 6")
    stops = np.atleast_1d(np.asarray(last if observe is None else observe, dtype=np.int64))
    bounds = np.concatenate([[first], stops])
    if np.any(np.diff(bounds) < 0) or first < 0 or bounds[-1] > last or last > packed.n_rows:
        raise InputError(f"propagate: rows from {first} to {last}, observed {stops}; expected ascending ones in range")
    merged, bounds = packed.merged(bounds)
    series = _start_series(descriptor, start)
    reduced = descriptor.max_orders is None and not packed.depends_on_zeta and _free_of_zeta(descriptor, series)
    if reduced:
        seen = np.zeros((stops.size, *series.shape))
        places = embedding(descriptor)
        seen[:, :, places] = _run(merged, without_zeta(descriptor), series[:, places], bounds)
        zeta = descriptor.index([0, 0, 0, 0, 1, 0])
        seen[:, ZETA, zeta] = series[ZETA, zeta]
    else:
        seen = _run(merged, descriptor, series, bounds)
    return seen[0] if observe is None else seen


def _start_series(descriptor: Descriptor, start: ArrayLike) -> Coefficients:
    values = np.asarray(start, dtype=np.float64)
    if values.shape == (6, descriptor.size):
        return values
    if values.shape != (6,):
        raise InputError(f"propagate: start of shape {values.shape}; expected (6,) or (6, {descriptor.size})")
    series = np.zeros((6, descriptor.size))
    series[:, 0] = values
    series[np.arange(6), [descriptor.index([int(i == j) for j in range(6)]) for i in range(6)]] = 1.0
    return series


def _free_of_zeta(descriptor: Descriptor, series: Coefficients) -> bool:
    """Whether zeta appears in the series of zeta alone, linearly."""
    with_zeta = descriptor.exponents[:, ZETA] > 0
    with_zeta[descriptor.index([0, 0, 0, 0, 1, 0])] = False
    others = np.delete(series, ZETA, axis=0)
    return not series[:, with_zeta].any() and not others[:, descriptor.index([0, 0, 0, 0, 1, 0])].any()


@cache
def without_zeta(descriptor: Descriptor) -> Descriptor:
    return Descriptor(5, descriptor.order, descriptor.parameters, descriptor.parameter_order)


@cache
def embedding(descriptor: Descriptor) -> NDArray[np.int64]:
    """Place of each monomial of the five-variable descriptor among those of the six-variable one."""
    exponents = np.insert(without_zeta(descriptor).exponents, ZETA, 0, axis=1)
    return np.array([descriptor.index(row) for row in exponents.tolist()])


def _run(packed: PackedLine, descriptor: Descriptor, series: Coefficients, bounds: NDArray[np.int64]) -> Coefficients:
    """Series before the rows bounds[1:], from `series` before row bounds[0]."""
    parameters, slot_of_row = _parameter_slots(packed)
    workspace = _workspace(descriptor, -(-(6 + len(parameters) + TEMPORARIES) // 256) * 256)
    workspace.reserve(6 + len(parameters))
    for k, coefficients in enumerate([*series, *(_series_of(descriptor, p) for p in parameters)]):
        workspace.load(k, coefficients)
    seen = np.empty((bounds.size - 1, *series.shape))
    functions = np.zeros((2, packed.codes.size), dtype=np.int64)
    functions[0] = addresses(row_of_numbers, packed.codes)
    if parameters:
        touched = np.unique(packed.kinds[slot_of_row >= 0])
        functions[1, touched] = addresses(row_of_series, packed.codes[touched])
    failed = _advance(
        workspace.address, packed.kinds, packed.ptr, packed.par, packed.velocities, functions, slot_of_row,
        int(bounds[0]), int(bounds[-1]), bounds[1:], seen,
    )  # fmt: skip
    if failed >= 0:
        raise MapError(
            f"propagate: the map of op code {packed.ops[failed]} failed: it holds more than {TEMPORARIES} series at "
            "a time (split a multipole of very high order into several elements), or a user's map raised an error"
        )
    return seen


def _parameter_slots(packed: PackedLine) -> tuple[list[Any], NDArray[np.int64]]:
    """Parameters of the generic rows, and the first logical slot of each row's, -1 for rows of numbers."""
    slot_of_row = np.full(packed.n_rows if packed.generic_rows else 0, -1)
    parameters: list[Any] = []
    known: dict[int, int] = {}
    for row, values in packed.generic_rows.items():
        if id(values) not in known:
            known[id(values)] = 6 + len(parameters)
            parameters += values
        slot_of_row[row] = known[id(values)]
    return parameters, slot_of_row


def _series_of(descriptor: Descriptor, parameter: Any) -> Coefficients:
    """Coefficients of a row's parameter in `descriptor`: of a number, or of a series of the knobs alone."""
    coefficients = np.zeros(descriptor.size)
    if isinstance(parameter, (int, float)):
        coefficients[0] = parameter
        return coefficients
    places = _knob_places(descriptor, parameter.descriptor)
    coefficients[places[places >= 0]] = parameter.coefficients[places >= 0]
    return coefficients


@cache
def _knob_places(descriptor: Descriptor, source: Descriptor) -> NDArray[np.int64]:
    """Where each monomial of a series in knobs goes; -1 if it holds a coordinate."""
    knobs, expected = (d.limits.each[d.variables :] for d in (source, descriptor))
    if knobs != expected or source.parameter_order != descriptor.parameter_order:
        raise InputError(
            f"propagate: knobs are series of {source.parameters} parameters to order {source.parameter_order}, each to "
            f"{knobs}; expected {descriptor.parameters} to order {descriptor.parameter_order}, each to {expected}"
        )
    places = np.full(source.size, -1)
    for i, exponents in enumerate(source.exponents.tolist()):
        if not any(exponents[: source.variables]):
            places[i] = descriptor.index([0] * descriptor.variables + exponents[source.variables :])
    return places


_local = threading.local()


def _workspace(descriptor: Descriptor, slots: int) -> Workspace:
    """This thread's workspace for a descriptor, with at least `slots` slots."""
    spaces = _local.__dict__.setdefault("spaces", {})
    if descriptor not in spaces or spaces[descriptor].slots < slots:
        spaces[descriptor] = Workspace(descriptor, slots)
    return spaces[descriptor]


@njit
def _coordinates(context):
    """The six logical slots of the coordinates."""
    return get(context, 0), get(context, 1), get(context, 2), get(context, 3), get(context, 4), get(context, 5)


def row_of_numbers(element_map: MapFunction) -> Callable[..., int]:
    """Row function: the coordinates' series through a map whose parameters are numbers."""

    def row(context, _, parameters, count, beta0):
        try:
            settle(context, element_map(_coordinates(context), carray(pointer(parameters), count, np.float64), beta0))
        except Exception:
            return FAILED
        return 0

    return row


def row_of_series(element_map: MapFunction) -> Callable[..., int]:
    """Row function: the coordinates' series through a map whose parameters are series, from slot `first` on."""

    def row(context, first, _, count, beta0):
        try:
            settle(context, element_map(_coordinates(context), slot_row(context, first, count), beta0))
        except Exception:
            return FAILED
        return 0

    return row


@njit
def _advance(context, kinds, ptr, par, velocities, functions, slot_of_row, first, last, observe, seen):
    """Take the coordinates through rows first to last; note them before every observed row.

    functions: row functions of each kind, first those for numbers, then those for series; slot_of_row: the first slot
    of a row's series, -1 for numbers. Returns the row that failed, or -1.
    """
    done = 0
    for row in range(first, last + 1):
        while done < observe.size and observe[done] == row:
            for v in range(6):
                read_slot(context, v, seen[done, v])
            done += 1
        if row == last:
            break
        slot = slot_of_row[row] if slot_of_row.size else -1
        function = functions[0 if slot < 0 else 1, kinds[row]]
        begin, count = ptr[row], ptr[row + 1] - ptr[row]
        beta0 = velocities[kinds[row]]
        if call_row(function, context, slot, par.ctypes.data + 8 * begin, count, beta0) < 0:
            return row
    return -1
