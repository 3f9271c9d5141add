"""Our algebra on given maps: results, and seconds of one operation, as `benchmarks.peers.algebra` has those of others.

Operations run in a loop in compiled code; evaluations of many points and those named "... in Python" are called from
Python.
"""

from __future__ import annotations

from functools import partial
from typing import Any

import numba
import numpy as np

from benchmarks.peers.algebra import IN_PYTHON, per_call
from tpsa import Descriptor, TaylorMap, Workspace, derivative, get, gmath, settle
from tpsa.brackets import bracket
from tpsa.composition import substitute_series
from tpsa.context import NEXT, ORDER, words
from tpsa.inversion import invert_series
from tpsa.plans import plan

SCALAR = {
    "add": lambda x, y: x + y,
    "mul": lambda x, y: x * y,
    "square": lambda x, y: x * x,
    "div": lambda x, y: x / y,
    "inv": lambda x, y: 1.0 / x,
    "sqrt": lambda x, y: gmath.sqrt(x),
    "rsqrt": lambda x, y: gmath.rsqrt(x),
    "exp": lambda x, y: gmath.exp(x),
    "sin": lambda x, y: gmath.sin(x),
    "sincos": lambda x, y: gmath.sincos(x)[0],
    "derivative": lambda x, y: derivative(x, 0),
}
MAPS = {
    "bracket": lambda address, targets, order, a, b: bracket(address, targets, a[0], b[0], len(a)),
    "compose": lambda address, targets, order, a, b: substitute_series(address, a, address, targets, b, order),
    "inverse": lambda address, targets, order, a, b: invert_series(address, targets, b[: len(a)], True),
}


def _loop(operation: Any) -> Any:
    """Compiled loop of one scalar operation on logical slots 0 and 1; the last result becomes slot 2."""
    operation = numba.njit(operation)

    @numba.njit(error_model="numpy")
    def loop(context, count):
        x, y = get(context, 0), get(context, 1)
        c = words(context)
        before, z = c[NEXT], x
        for _ in range(count):
            c[NEXT] = before
            z = operation(x, y)
        settle(context, (x, y, z))

    return loop


def _map_loop(operation: Any) -> Any:
    """Compiled loop of one operation on the coefficients of two maps, the second one with parameters."""
    operation = numba.njit(operation)

    @numba.njit(error_model="numpy")
    def loop(address, targets, a, b, count):
        order = words(address)[ORDER]
        for _ in range(count):
            result = operation(address, targets, order, a, b)
        return result

    return loop


LOOPS = {op: _loop(operation) for op, operation in SCALAR.items()}
MAP_LOOPS = {op: _map_loop(operation) for op, operation in MAPS.items()}


class Ours:
    """This package on the maps `a` and `b`."""

    def __init__(self, descriptor: Descriptor, a: TaylorMap, b: TaylorMap, point: np.ndarray) -> None:
        self.a, self.b = a, b
        self.points = np.tile(point, (1000, 1))
        parameters = [descriptor.parameter(k).coefficients for k in range(descriptor.parameters)]
        self.inner = np.array([*b.coefficients, *parameters])

    def operation(self, op: str) -> Any:
        """`repeat(count)` of an operation. Scalar ones get new memory, for a few places in memory are slow ones."""
        d, a, b = self.a.descriptor, self.a, self.b
        if op in SCALAR:
            self.workspace = Workspace(d, 16)
            self.workspace.reserve(3)
            for slot, series in enumerate((a[0], b[0])):
                self.workspace.load(slot, series.coefficients)
            return partial(LOOPS[op], self.workspace.address)
        if op in MAPS:
            own, x, y = plan(d), a.coefficients, self.inner

            def repeat(count: int) -> None:
                self.found = MAP_LOOPS[op](own.address, own.targets, x, y, count)
        else:
            once = {
                "evaluate": lambda: a(self.points), "compose in Python": lambda: a @ b, "inverse in Python": b.inverse,
                **{name: partial(operation, a[0], b[0]) for name, operation in IN_PYTHON.items()},
            }[op]  # fmt: skip

            def repeat(count: int) -> None:
                for _ in range(count):
                    self.found = once()

        return repeat

    def result(self, op: str) -> np.ndarray:
        """(n, size) coefficients of the result, (n,) values at the point for evaluate."""
        self.operation(op)(1)
        if op in SCALAR:
            return self.workspace.read(2)[None]
        return self.found[0] if op == "evaluate" else np.atleast_2d(getattr(self.found, "coefficients", self.found))

    def seconds(self, op: str) -> float:
        """Seconds of one operation."""
        return per_call(self.operation(op))


def random_maps(descriptor: Descriptor) -> tuple[TaylorMap, TaylorMap, np.ndarray]:
    """Two dense maps and a point; the second one has no constant parts and a linear part near the unit matrix."""
    d, rng = descriptor, np.random.default_rng(1)
    degrees = d.exponents.sum(axis=1, dtype=np.int64)
    sizes = 1.0 / np.bincount(degrees)[degrees]
    a, b = rng.uniform(-1.0, 1.0, (2, d.variables, d.size)) * sizes
    a[:, 0], b[:, 0] = 1.3, 0.0
    b[range(d.variables), 1 + np.arange(d.variables)] += 1.0
    return *(TaylorMap.from_coefficients(d, c) for c in (a, b)), rng.uniform(-0.5, 0.5, d.variables)


def case_name(descriptor: Descriptor) -> str:
    """(variables, order), with the parameters where there are any."""
    d = descriptor
    return f"({d.variables}+{d.parameters}, {d.order})" if d.parameters else f"({d.variables}, {d.order})"
