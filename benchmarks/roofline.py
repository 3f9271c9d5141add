"""The machine's limit of arithmetic for particle tracking: operations counted in maps, costs measured in loops.

The texts of the maps run on counting numbers, row after row as the engine groups them. Within a group, what was
computed before is free, and so is a sum that takes a product, since both are one instruction; what depends on
parameters only, and loads and stores, are free everywhere. The cost of each operation is that of a compiled loop of
`tpsa.wide` numbers, many of which are independent, that does nothing else.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from functools import cache
from itertools import count
from typing import Any

import numba
import numpy as np
from numba.extending import register_jitable

from benchmarks.common import processor_timed
from tpsa import gmath
from tpsa.wide import WIDTH, load, store
from tracking.pack import PackedLine
from tracking.particle_rows import full_vectors, groups_of_rows, kinds_of_groups
from tracking.step import step

NUMBERS, REPEATS, INSTRUCTIONS = 1024, 200, 31  # of one sample; arithmetic instructions of `_arithmetic`


class Counted:
    """A number that counts what is done with it, told apart from others by `key`."""

    def __init__(self, tally: Counter[str], known: dict[Any, Counted], key: Any, product: bool = False) -> None:
        self.tally, self.known, self.key, self.product = tally, known, key, product

    def _result(self, name: str, *operands: Any, product: bool = False, free: bool = False) -> Counted:
        keys = tuple(o.key if isinstance(o, Counted) else o for o in operands)
        key = (name, *(sorted(keys, key=repr) if name in ("add", "multiply") else keys))
        if key not in self.known:
            self.tally["arithmetic" if name in ("add", "subtract", "multiply") else name] += not free
            self.known[key] = Counted(self.tally, self.known, len(self.known), product)
        return self.known[key]

    def _sum(self, name: str, *operands: Any) -> Counted:
        products = [o for o in operands if isinstance(o, Counted) and o.product]
        for first in products[:1]:
            first.product = False
        return self._result(name, *operands, free=bool(products))

    def __add__(self, other: Any) -> Counted:
        return self._sum("add", self, other)

    def __sub__(self, other: Any) -> Counted:
        return self._sum("subtract", self, other)

    def __rsub__(self, other: Any) -> Counted:
        return self._sum("subtract", other, self)

    def __mul__(self, other: Any) -> Counted:
        return self._result("multiply", self, other, product=True)

    __radd__, __rmul__ = __add__, __mul__

    def __truediv__(self, other: Any) -> Counted:
        return self._result("inv", self, other) if isinstance(other, Counted) else self * (1.0 / other)

    def __rtruediv__(self, other: Any) -> Counted:
        return self._result("inv", other, self)

    def __neg__(self) -> Counted:
        return self._result("minus", self, free=True)

    def __pow__(self, exponent: int) -> Counted:
        square = self * self
        return self if exponent == 1 else square if exponent == 2 else square * self ** (exponent - 2)

    def taylor_function(self, name: str, *index: int) -> Counted:
        """A function of this number; Stumpff functions of all indices come together."""
        free = name == "stumpff" and any((name, self.key, n) in self.known for n in range(4))
        return self._result(name, self, *index, free=free)


def _of_group(group: tuple[tuple[int, int, float], ...]) -> Counter[str]:
    tally: Counter[str] = Counter()
    known: dict[Any, Counted] = {}
    parameter = count(2)
    z = tuple(Counted(tally, known, name) for name in ("x", "px", "y", "py", "zeta", "pzeta"))
    for op, parameters, beta0 in group:
        z = step(op, z, tuple(1.0 / next(parameter) for _ in range(parameters)), beta0)
    return +tally


def operations(packed: PackedLine) -> Counter[str]:
    """Operations of one particle in one turn: arithmetic instructions, divisions (inv), functions by name."""
    rows, ends = packed.merged(packed.first_row)
    begins, _ = groups_of_rows(rows, ends)
    kinds, examples = kinds_of_groups(rows, begins)
    shapes, places = rows.shapes
    total: Counter[str] = Counter()
    for example, times in zip(examples.tolist(), np.bincount(kinds).tolist(), strict=True):
        found = _of_group(tuple(shapes[place] for place in places[begins[example] : begins[example + 1]]))
        total.update({name: times * number for name, number in found.items()})
    return total


def limit(packed: PackedLine) -> tuple[float, Counter[str]]:
    """Least seconds of one particle in one turn that the measured costs allow, and what was counted."""
    found = operations(packed)
    return sum(times * cost(name) for name, times in found.items()), found


@cache
def cost(name: str) -> float:
    """Processor seconds of one operation on one number: the least of many samples."""
    x, out = np.linspace(0.5, 0.9, NUMBERS), np.empty(NUMBERS)
    functions = {"arithmetic": _arithmetic, "inv": _quotient, "stumpff": _stumpff}
    loop = _loop(functions[name] if name in functions else getattr(gmath, name))
    loop(x, out, 1)
    seconds = min(processor_timed(lambda: loop(x, out, REPEATS))() for _ in range(30))
    return seconds / (REPEATS * NUMBERS * (INSTRUCTIONS if name == "arithmetic" else 1))


def _loop(function: Callable) -> Callable:
    @numba.njit(error_model="numpy")
    def loop(x, out, repeats):
        full_vectors()
        for _ in range(repeats):
            for i in range(0, x.size, WIDTH):
                store(out.ctypes.data, i, function(load(x.ctypes.data, i)))

    return loop


@register_jitable(forceinline=True)
def _quotient(u):
    return 1.0 / u


@register_jitable(forceinline=True)
def _stumpff(u):
    return (gmath.stumpff(0, u) + gmath.stumpff(1, u)) + (gmath.stumpff(2, u) + gmath.stumpff(3, u))


@register_jitable(forceinline=True)
def _arithmetic(u):
    """Sixteen sums and their product; no product goes into a sum."""
    a = ((u + 1.0) * (u + 1.1)) * ((u + 1.2) * (u + 1.3))
    b = ((u + 1.4) * (u + 1.5)) * ((u + 1.6) * (u + 1.7))
    c = ((u + 1.8) * (u + 1.9)) * ((u + 2.0) * (u + 2.1))
    d = ((u + 2.2) * (u + 2.3)) * ((u + 2.4) * (u + 2.5))
    return (a * b) * (c * d)
