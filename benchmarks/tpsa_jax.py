"""Taylor maps of many machines with JAX, on whatever device it finds, and on batches, beside our compiled engine.

Machines differ by the knobs of the lattice, one second-order slice per magnet. Seconds are those of one machine; the
compiled engine takes one after the other, already lowered to rows unless the peer's name says otherwise. Batches are
timed in processor seconds, JAX, which takes all threads, in those of the clock. For `gradient`, of the sum of all
coefficients with respect to every knob, `peer` is the same map without a gradient, so 1/ratio is its cost in primals.
Answers must agree to 1e-12 of the largest coefficient before a time is taken.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import click
import jax
import numpy as np

from benchmarks import common
from optics.maps import VARIABLES
from tpsa import Descriptor
from tracking.engine_taylor import propagate
from tracking.io.madx import load_madx
from tracking.line import Line
from tracking.pack import PackedLine, pack
from tracking.taylor_batch import taylor_maps
from tracking.taylor_jax import taylor_map

MACHINES, GRADIENTS = 1000, 32  # side by side; reverse mode keeps the series before every row
CHECKED = 3  # machines also computed by the compiled engine
SPREAD = 1e-3  # relative, of the knobs
AGREEMENT = 1e-12


def settings_of(line: Line, machines: int) -> dict[str, np.ndarray]:
    """Values of every knob that is a number, one for each machine."""
    rng = np.random.default_rng(1)
    values = {name: line.knobs[name] for name in line.knobs if isinstance(line.knobs[name], float)}
    return {name: value * (1.0 + SPREAD * rng.standard_normal(machines)) for name, value in values.items()}


def hardware() -> dict[str, str | int]:
    """Device that JAX runs on, and host threads that it uses: all of them where that is the processor."""
    device = jax.devices()[0]
    return {"device": device.device_kind, "threads": os.cpu_count() if device.platform == "cpu" else 1}


def single_machines(line: Line, knobs: dict[str, np.ndarray]) -> list[PackedLine]:
    """The first machines, each lowered to rows."""
    return [pack(line, {name: float(values[k]) for name, values in knobs.items()}) for k in range(CHECKED)]


def processor_seconds(function: Callable[[], Any]) -> float:
    """Of one call, all of it in one thread."""
    start = time.process_time()
    function()
    return time.process_time() - start


def checked(found: np.ndarray, expected: list[np.ndarray], name: str) -> float:
    """Difference of the first machines, relative to the largest coefficient; an exception where it is too large."""
    error = max(float(np.abs(found[..., k] - one).max() / np.abs(one).max()) for k, one in enumerate(expected))
    if not error < AGREEMENT:
        raise click.ClickException(f"{name}: the engines differ by {error:.3g} of the largest coefficient")
    return error


def batch_rows(line: Line, case: str, order: int, machines: int, budget: float) -> list[common.Row]:
    """Rows of the maps of many machines on batches, with and without the time that single machines take to lower."""
    descriptor, knobs, op = Descriptor(6, order, names=VARIABLES), settings_of(line, machines), f"batch, order {order}"
    packed = single_machines(line, knobs)
    expected = [propagate(one, descriptor, np.zeros(6)) for one in packed]
    error = checked(taylor_maps(line, descriptor, knobs), expected, f"{case}, {op}")
    peers = {
        "compiled engine": lambda: [propagate(one, descriptor, np.zeros(6)) for one in packed],
        "lowering and compiled engine": lambda: [
            propagate(one, descriptor, np.zeros(6)) for one in single_machines(line, knobs)
        ],
    }
    rows = []
    for peer, loop in peers.items():
        seconds = common.interleaved(
            partial(processor_seconds, lambda: taylor_maps(line, descriptor, knobs)),
            partial(processor_seconds, loop),
            budget,
            min,
        )
        more = {"order": order, "machines": machines}
        rows.append(common.row(case, op, peer, seconds[0] / machines, seconds[1] / CHECKED, error, **more))
    return rows


def map_row(line: Line, case: str, order: int, machines: int, budget: float) -> common.Row:
    """Row of the maps of many machines."""
    descriptor, knobs = Descriptor(6, order, names=VARIABLES), settings_of(line, machines)
    compiled = jax.jit(lambda knobs: taylor_map(line, descriptor, None, knobs))
    start = time.perf_counter()
    found = np.asarray(compiled(knobs))
    compile_s = time.perf_counter() - start
    packed = single_machines(line, knobs)
    expected = [propagate(one, descriptor, np.zeros(6)) for one in packed]
    error = checked(found, expected, f"{case}, order {order}")
    ours, peer = common.interleaved(
        common.timed(lambda: jax.block_until_ready(compiled(knobs))),
        common.timed(lambda: [propagate(one, descriptor, np.zeros(6)) for one in packed]),
        budget,
        min,
    )
    more = {"order": order, "machines": machines, "compile_s": compile_s} | hardware()
    return common.row(case, f"JAX, order {order}", "compiled engine", ours / machines, peer / CHECKED, error, **more)


def gradient_row(line: Line, case: str, order: int, machines: int, budget: float) -> common.Row:
    """Row of gradients with respect to all knobs, beside the map alone."""
    descriptor, knobs = Descriptor(6, order, names=VARIABLES), settings_of(line, machines)

    def total(knobs: dict[str, np.ndarray]) -> jax.Array:
        return taylor_map(line, descriptor, None, knobs).sum()

    primal, gradient = jax.jit(total), jax.jit(jax.grad(total))
    start = time.perf_counter()
    found = gradient(knobs)
    compile_s = time.perf_counter() - start
    name = max(knobs, key=lambda name: float(np.abs(found[name][0] * knobs[name][0])))
    with_knob = Descriptor(6, order + 1, 1, 1)
    first = {other: float(values[0]) for other, values in knobs.items()}
    series = propagate(pack(line, first | {name: with_knob.parameter(0, first[name])}), with_knob, np.zeros(6))
    linear = [with_knob.index([*exponents, 1]) for exponents in descriptor.exponents.tolist()]
    expected = series[:, linear].sum()
    error = float(abs(found[name][0] - expected) / np.abs(series[:, linear]).max())
    if not error < AGREEMENT:
        raise click.ClickException(f"{case}, order {order}: gradient and parameter derivative differ by {error:.3g}")
    ours, peer = common.interleaved(
        common.timed(lambda: jax.block_until_ready(gradient(knobs))),
        common.timed(lambda: jax.block_until_ready(primal(knobs))),
        budget,
        min,
    )
    more = {"order": order, "machines": machines, "compile_s": compile_s} | hardware()
    return common.row(
        case, f"JAX, gradient, order {order}", "JAX, map alone", ours / machines, peer / machines, error, **more
    )


@click.command()
@click.option("--json", "json_path", type=click.Path(path_type=Path), help="Write the rows to this file.")
@click.option("--lattice", type=click.Path(exists=True, path_type=Path), default=common.DEFAULT_LATTICE)
@click.option("--quick", is_flag=True, help="Order 2 and 32 machines.")
def main(quick: bool, lattice: Path, json_path: Path | None) -> None:
    """Taylor maps of many machines with JAX and on batches."""
    line = load_madx(lattice).with_settings(rf=False, slices=1, integrator=2)
    rows, budget = [], 1.0 if quick else 10.0
    for order in (2,) if quick else (2, 3):
        rows += batch_rows(line, lattice.stem, order, MACHINES, budget)
        rows.append(map_row(line, lattice.stem, order, GRADIENTS if quick else MACHINES, budget))
        rows.append(gradient_row(line, lattice.stem, order, GRADIENTS, budget))
    common.finish(rows, "tpsa_jax", quick, json_path)


if __name__ == "__main__":
    main()
