"""Tracking with JAX: a scan over rows, a switch over the same maps. Differentiable in particles and in knobs.

Importing this module switches JAX to 64-bit numbers, which tracking needs.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import jax
import numpy as np
from jax import lax
from jax import numpy as jnp
from jax.typing import ArrayLike

from tracking.errors import InputError
from tracking.line import Line
from tracking.pack import PackedLine, pack
from tracking.step import step

jax.config.update("jax_enable_x64", True)


@dataclass(frozen=True)
class RowTable:
    """Rows of a line for `lax.scan`: which branch each takes, and its parameters padded to one width.

    branches : one function (z, p) -> z per kind of row; kinds : (rows,) index into branches; par : (rows, width).
    """

    branches: tuple[Callable[..., tuple], ...]
    kinds: np.ndarray
    par: jax.Array


def row_table(packed: PackedLine) -> RowTable:
    """Lay out a packed line for JAX. Static: op codes and row count. Traced: parameters."""
    widths = np.diff(packed.ptr)
    columns = np.arange(max(1, int(widths.max(initial=0))))
    used = columns < widths[:, None]
    par = np.zeros(used.shape)
    par[used] = packed.par
    table = jnp.asarray(par)
    for row, parameters in packed.generic_rows.items():
        table = table.at[row, : len(parameters)].set(jnp.stack([jnp.asarray(p, dtype=float) for p in parameters]))
    return RowTable(*row_branches(packed), table)


def row_branches(packed: PackedLine) -> tuple[tuple[Callable[..., tuple], ...], np.ndarray]:
    """One function (parameters, z) -> z per kind of row, and the (rows,) kinds."""
    shapes, kinds = packed.shapes
    return tuple(_branch(*shape) for shape in shapes), kinds


def _branch(op: int, width: int, beta0: float) -> Callable[..., tuple]:
    return lambda p, z: step(op, z, p[:width], beta0)


def one_pass(table: RowTable, z: tuple[jax.Array, ...]) -> tuple[jax.Array, ...]:
    """Coordinates (x, px, y, py, zeta, pzeta), each (n,), after one pass through the line.

    Reverse mode keeps the coordinates before every row and computes each row once more: what all branches of the switch
    would keep instead takes forty times as long to write. In a scan nothing is there to be merged with the second time.
    """

    @partial(jax.checkpoint, prevent_cse=False)
    def body(z: tuple, row: tuple) -> tuple[tuple, None]:
        kind, p = row
        return lax.switch(kind, table.branches, p, z), None

    return lax.scan(body, z, (jnp.asarray(table.kinds), table.par))[0]


def track_jax(
    line: Line | PackedLine, particles: ArrayLike, turns: int = 1, overrides: Mapping[str, Any] | None = None
) -> jax.Array:
    """Track particles through a line with JAX.

    Parameters
    ----------
    line : Line or PackedLine
    particles : (n, 6) array
        Initial (x, px, y, py, zeta, pzeta) [m, 1, m, 1, m, 1].
    turns : int
        Passes through the line.
    overrides : mapping of knob name to value, optional
        Numbers or traced values, for gradients with respect to knobs (a `Line` only).

    Returns
    -------
    (n, 6) jax.Array
        Final coordinates; not finite for a particle without real momentum. Apertures are not looked at.

    Raises
    ------
    InputError
        For another shape, or overrides with a line that is packed already.
    """
    if isinstance(line, PackedLine) and overrides:
        raise InputError("track_jax: overrides need a Line; this one is packed already")
    packed = line if isinstance(line, PackedLine) else pack(line, overrides)
    start = jnp.asarray(particles, dtype=float)
    if start.ndim != 2 or start.shape[1] != 6:
        raise InputError(f"track_jax: particles of shape {start.shape}; expected (n, 6)")
    run = partial(one_pass, row_table(packed))
    z = lax.scan(lambda z, _: (run(z), None), tuple(start.T), length=turns)[0]
    return jnp.stack(z, axis=1)
