"""Taylor maps of many machines side by side, on batches of series: no compilation, the line is lowered once for all."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tpsa import Descriptor, TPSBatch
from tracking.engine_taylor import ZETA, embedding, without_zeta
from tracking.errors import InputError
from tracking.line import Line
from tracking.pack import PackedLine, pack
from tracking.step import step

COEFFICIENTS = 2**16  # of one coordinate in the machines computed together


def taylor_maps(
    line: Line, descriptor: Descriptor, overrides: Mapping[str, ArrayLike], start: ArrayLike | None = None
) -> NDArray[np.float64]:
    """Taylor series of the coordinates after a line, of n machines that differ by their knobs or starts.

    Parameters
    ----------
    line : Line
    descriptor : tpsa.Descriptor
        Six variables (x, px, y, py, zeta, pzeta), no parameters.
    overrides : mapping of knob name to (n,) array or number
        Values of knobs, one for each machine or the same for all.
    start : (6,) or (6, n) array, optional
        Coordinates to expand about [m, 1, m, 1, m, 1]; the reference orbit when left out.

    Returns
    -------
    (6, size, n) array
        Coefficients, as of `tracking.taylor_jax.taylor_map`; not finite where the orbit leaves the maps' domain.

    Raises
    ------
    InputError
        For another descriptor or start, or if neither knobs nor start tell one number n of machines.

    Notes
    -----
    For each machine 1.6, 0.9 and 0.6 times as fast as `tracking.engine_taylor.propagate` at orders 2, 3 and 4 (700
    rows, hundreds of machines); but a loop over machines also lowers the line in each, which takes ten times as long.
    """
    if descriptor.variables != 6 or descriptor.parameters:
        raise InputError(
            f"taylor_maps: descriptor of {descriptor.variables} variables and {descriptor.parameters} parameters; "
            "expected 6 and 0"
        )
    knobs = {name: _knob(name, values) for name, values in overrides.items()}
    point = np.zeros(6) if start is None else np.asarray(start, dtype=float)
    if point.shape[:1] != (6,) or point.ndim > 2:
        raise InputError(f"taylor_maps: start of shape {point.shape}; expected (6,) or (6, n)")
    lengths = {values.size for values in (*knobs.values(), point[0]) if np.ndim(values) == 1}
    if len(lengths) != 1 or lengths == {0}:
        raise InputError(f"taylor_maps: numbers of machines {sorted(lengths)}; expected one number in knobs and start")
    n = lengths.pop()
    packed, _ = (lowered := pack(line, knobs)).merged(np.array([0, lowered.n_rows]))
    point = np.broadcast_to(point.reshape(6, -1), (6, n))
    whole = descriptor.max_orders is not None or packed.depends_on_zeta
    small = descriptor if whole else without_zeta(descriptor)
    result = np.zeros((6, descriptor.size, n))
    together = max(1, COEFFICIENTS // small.size)
    for begin in range(0, n, together):
        machines = slice(begin, min(begin + together, n))
        z = _run(packed, small, point[:, machines], machines)
        for k, series in enumerate(z):
            result[k, slice(None) if whole else embedding(descriptor), machines] = series.coefficients
    if not whole:
        result[ZETA, descriptor.index([int(i == ZETA) for i in range(6)])] = 1.0
    return result


def _knob(name: str, values: ArrayLike) -> float | NDArray[np.float64]:
    """A number or an (n,) array."""
    array = np.asarray(values)
    if array.dtype.kind not in "biuf" or array.ndim > 1:
        raise InputError(f"taylor_maps: knob {name} is {values!r}; expected a number or an array (n,)")
    return array.astype(float) if array.ndim else float(array)


def _run(packed: PackedLine, descriptor: Descriptor, point: NDArray[np.float64], machines: slice) -> tuple:
    """Series after all rows of some machines; a descriptor of five variables leaves zeta out."""
    variables = iter(range(descriptor.variables))
    without = ZETA if descriptor.variables < len(point) else None
    z: tuple[Any, ...] = tuple(
        TPSBatch.constants(descriptor, values) + (0.0 if k == without else descriptor.variable(next(variables)))
        for k, values in enumerate(point)
    )
    shapes, kinds = packed.shapes
    for row, kind in enumerate(kinds.tolist()):
        op, _, beta0 = shapes[kind]
        parameters = packed.generic_rows.get(row)
        if parameters is None:
            parameters = packed.par[packed.ptr[row] : packed.ptr[row + 1]].tolist()
        else:
            parameters = [p[machines] if np.ndim(p) else p for p in parameters]
        z = step(op, z, parameters, beta0)
    return z
