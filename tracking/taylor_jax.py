"""Taylor maps with JAX: one machine or thousands side by side, differentiable in strengths and in the start.

Importing this module switches JAX to 64-bit numbers, which tracking needs.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import jax
import numpy as np
from jax import lax
from jax import numpy as jnp
from jax.typing import ArrayLike

from tpsa import Descriptor
from tpsa.jax import Series
from tracking.engine_jax import row_branches
from tracking.engine_taylor import ZETA, embedding, without_zeta
from tracking.errors import InputError
from tracking.line import Line
from tracking.pack import PackedLine, pack


def taylor_map(
    line: Line | PackedLine,
    descriptor: Descriptor,
    start: ArrayLike | None = None,
    overrides: Mapping[str, Any] | None = None,
) -> jax.Array:
    """Taylor series of the coordinates after a line, about given coordinates at its start.

    Axes of `start` after the first and the axes of the overrides are lanes: independent machines, computed side by
    side. Rows that are alike stand in memory once.

    Parameters
    ----------
    line : Line or PackedLine
    descriptor : tpsa.Descriptor
        Six variables (x, px, y, py, zeta, pzeta).
    start : (6, ...) array, optional
        Coordinates to expand about [m, 1, m, 1, m, 1]; the reference orbit when left out.
    overrides : mapping of knob name to value, optional
        Numbers or arrays of lanes, traced or not (a `Line` only).

    Returns
    -------
    (6, size, ...) jax.Array
        Coefficients, with the lanes last; not finite where the orbit leaves the maps' domain.

    Raises
    ------
    InputError
        For another descriptor or start, overrides with a packed line, or knobs that are series.

    Notes
    -----
    Compile time does not grow with the number of rows: a scan over rows, a switch over the maps that occur. For reverse
    mode only the coordinates' series before every row are kept, and each row is computed once more.
    """
    if isinstance(line, PackedLine) and overrides:
        raise InputError("taylor_map: overrides need a Line; this one is packed already")
    if descriptor.variables != 6:
        raise InputError(f"taylor_map: descriptor of {descriptor.variables} variables; expected 6")
    packed = line if isinstance(line, PackedLine) else pack(line, overrides)
    packed, _ = packed.merged(np.array([0, packed.n_rows]))
    point = jnp.asarray(np.zeros(6) if start is None else start, dtype=float)
    if point.shape[:1] != (6,):
        raise InputError(f"taylor_map: start of shape {point.shape}; expected (6, ...)")
    if packed.depends_on_zeta:
        return _run(packed, descriptor, point, range(6))
    places = embedding(descriptor)
    small = _run(packed, without_zeta(descriptor), point, (0, 1, 2, 3, None, 4))
    full = jnp.zeros((6, descriptor.size, *small.shape[2:])).at[:, places].set(small)
    return full.at[ZETA, descriptor.index([int(i == ZETA) for i in range(6)])].set(1.0)


def _run(packed: PackedLine, descriptor: Descriptor, point: jax.Array, variables: Any) -> jax.Array:
    """Series after all rows; `variables` holds the descriptor's variable of each coordinate, None for no variable."""
    table, places = _distinct_rows(packed)
    branches, kinds = row_branches(packed)
    point = jnp.broadcast_to(
        point.reshape(6, *(1,) * (table.ndim - 1 - point.ndim), *point.shape[1:]),
        (6, *jnp.broadcast_shapes(point.shape[1:], table.shape[2:])),
    )
    z = tuple(
        Series.constant(descriptor, value) if i is None else Series.variable(descriptor, i, value)
        for i, value in zip(variables, point, strict=True)
    )

    @jax.checkpoint
    def body(z: tuple[Series, ...], row: tuple[jax.Array, jax.Array]) -> tuple[tuple[Series, ...], None]:
        kind, place = row
        return lax.switch(kind, branches, table[place], z), None

    z, _ = lax.scan(body, z, (jnp.asarray(kinds), jnp.asarray(places)))
    return jnp.stack([series.coefficients for series in z])


def _distinct_rows(packed: PackedLine) -> tuple[jax.Array, np.ndarray]:
    """(distinct, width, ...) parameters of rows that differ, with lanes, and the place of every row among them."""
    widths = np.diff(packed.ptr)
    used = np.arange(max(1, int(widths.max(initial=0)))) < widths[:, None]
    par = np.zeros(used.shape)
    par[used] = packed.par
    generic = {id(parameters): parameters for parameters in packed.generic_rows.values()}
    numbers = {key: float(k) for k, key in enumerate(generic)}
    key = np.full(packed.n_rows, -1.0)
    for row, parameters in packed.generic_rows.items():
        key[row], par[row] = numbers[id(parameters)], 0.0
    distinct, places = np.unique(np.column_stack([key, par]), axis=0, return_inverse=True)
    table = jnp.asarray(distinct[:, 1:])
    shape = jnp.broadcast_shapes(*(_shape(p) for parameters in generic.values() for p in parameters))
    table = jnp.broadcast_to(table.reshape(*table.shape, *(1,) * len(shape)), (*table.shape, *shape))
    for k, parameters in enumerate(generic.values()):
        rows = np.flatnonzero(distinct[:, 0] == k)
        columns = jnp.stack([jnp.broadcast_to(jnp.asarray(p, dtype=float), shape) for p in parameters])
        table = table.at[rows[0], : len(parameters)].set(columns)
    return table, places.reshape(-1)


def _shape(parameter: Any) -> tuple[int, ...]:
    if hasattr(parameter, "taylor_function"):
        raise InputError("taylor_map: a knob is a series; expected numbers or arrays, and jax.grad for derivatives")
    return jnp.shape(parameter)
