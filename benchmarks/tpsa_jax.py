"""Taylor maps of many machines with JAX, on whatever device it finds, beside our compiled engine machine by machine.

Machines differ by the knobs of the lattice, one second-order slice per magnet. Seconds are those of one machine; for
`gradient`, of the sum of all coefficients with respect to every knob, `peer` is the same map without a gradient, so
1/ratio is its cost in primals. Answers must agree to 1e-12 of the largest coefficient before a time is taken.
"""

from __future__ import annotations

import os
import time
from pathlib import Path

import click
import jax
import numpy as np

from benchmarks import common
from optics.maps import VARIABLES
from tpsa import Descriptor
from tracking.engine_taylor import propagate
from tracking.io.madx import load_madx
from tracking.line import Line
from tracking.pack import pack
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


def map_row(line: Line, case: str, order: int, machines: int, budget: float) -> common.Row:
    """Row of the maps of many machines."""
    descriptor, knobs = Descriptor(6, order, names=VARIABLES), settings_of(line, machines)
    compiled = jax.jit(lambda knobs: taylor_map(line, descriptor, None, knobs))
    start = time.perf_counter()
    found = np.asarray(compiled(knobs))
    compile_s = time.perf_counter() - start
    packed = [pack(line, {name: float(values[k]) for name, values in knobs.items()}) for k in range(CHECKED)]
    expected = np.stack([propagate(one, descriptor, np.zeros(6)) for one in packed], axis=-1)
    error = float(np.abs(found[..., :CHECKED] - expected).max() / np.abs(expected).max())
    if not error < AGREEMENT:
        raise click.ClickException(f"{case}, order {order}: the engines differ by {error:.3g} of the largest one")
    ours, peer = common.interleaved(
        common.timed(lambda: jax.block_until_ready(compiled(knobs))),
        common.timed(lambda: [propagate(one, descriptor, np.zeros(6)) for one in packed]),
        budget,
    )
    more = {"order": order, "machines": machines, "compile_s": compile_s} | hardware()
    return common.row(case, f"maps, order {order}", "compiled engine", ours / machines, peer / CHECKED, error, **more)


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
    )
    more = {"order": order, "machines": machines, "compile_s": compile_s} | hardware()
    return common.row(case, f"gradient, order {order}", "map alone", ours / machines, peer / machines, error, **more)


@click.command()
@click.option("--json", "json_path", type=click.Path(path_type=Path), help="Write the rows to this file.")
@click.option("--lattice", type=click.Path(exists=True, path_type=Path), default=common.DEFAULT_LATTICE)
@click.option("--quick", is_flag=True, help="Order 2 and 32 machines.")
def main(quick: bool, lattice: Path, json_path: Path | None) -> None:
    """Taylor maps of many machines with JAX."""
    line = load_madx(lattice).with_settings(rf=False, slices=1, integrator=2)
    rows, budget = [], 1.0 if quick else 10.0
    for order in (2,) if quick else (2, 3):
        rows.append(map_row(line, lattice.stem, order, GRADIENTS if quick else MACHINES, budget))
        rows.append(gradient_row(line, lattice.stem, order, GRADIENTS, budget))
    common.finish(rows, "tpsa_jax", quick, json_path)


if __name__ == "__main__":
    main()
