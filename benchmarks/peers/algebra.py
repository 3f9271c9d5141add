"""Algebras of other codes on series of given coefficients: results, and seconds of one operation.

Operations act on two maps `a` and `b` of one component per variable, scalar ones on their first components. GTPSA and
DACE are called through the addresses of their C functions from a compiled loop, so that no time of Python is counted;
composition and inversion of DACE exist in its Python package only. MAD-NG runs its own loop. Operations named "... in
Python" are those of the Python packages of GTPSA and DACE. Times are those of the
processor, so that other work on the machine does not count.
"""

from __future__ import annotations

import ctypes
import os
import time
from collections.abc import Callable
from functools import partial
from typing import Any

import numba
import numpy as np
from llvmlite import ir
from numba import types
from numba.extending import intrinsic

from benchmarks.peers import PeerUnavailableError
from tpsa import Descriptor, TaylorMap

MINIMUM_SECONDS = 2e-3
MAX_CALLS = 20_000
IN_PYTHON = {
    "add in Python": lambda x, y: x + y,
    "mul in Python": lambda x, y: x * y,
    "exp in Python": lambda x, y: x.exp(),
}
WORD, REAL = ir.IntType(64), ir.DoubleType()


@intrinsic
def _call(typingctx, address, words, number):
    """Call a C function with five words and a float64, which common calling conventions pass in other registers."""

    def codegen(context, builder, signature, args):
        function = builder.inttoptr(args[0], ir.FunctionType(WORD, [WORD] * 5 + [REAL]).as_pointer())
        return builder.call(function, [builder.extract_value(args[1], i) for i in range(5)] + [args[2]])

    return types.int64(types.int64, types.UniTuple(types.int64, 5), types.float64), codegen


@numba.njit
def _repeat(address, words, number, count):
    for _ in range(count):
        _call(address, words, number)


def per_call(repeat: Callable[[int], Any]) -> float:
    """Processor seconds of one operation of `repeat(count)`, with a count that takes MINIMUM_SECONDS."""
    count = 1
    while True:
        start = time.process_time()
        repeat(count)
        spent = time.process_time() - start
        if spent > MINIMUM_SECONDS or count >= MAX_CALLS:
            return spent / count
        count = min(MAX_CALLS, max(2 * count, int(1.2 * count * MINIMUM_SECONDS / max(spent, 1e-9))))


def _repeated(once: Callable[[], Any], keep: Callable[[Any], None]) -> Callable[[int], None]:
    """`repeat(count)` of a Python call, whose last result is kept."""

    def repeat(count: int) -> None:
        for _ in range(count):
            found = once()
        keep(found)

    return repeat


def _native(library: ctypes.CDLL, name: str, *arguments: Any) -> Callable[[int], None]:
    """`repeat(count)` of a C function; arguments that are float64 come last."""
    address = ctypes.cast(getattr(library, name), ctypes.c_void_p).value
    words = [int(x) for x in arguments if not isinstance(x, float)]
    number = next((x for x in arguments if isinstance(x, float)), 0.0)
    words = tuple(np.int64(w) for w in words + [0] * (5 - len(words)))
    return lambda count: _repeat(address, words, number, count)


class Gtpsa:
    """The C library of MAD-NG, from the package madng-tpsa."""

    def __init__(self, descriptor: Descriptor, a: TaylorMap, b: TaylorMap, point: np.ndarray) -> None:
        from madng_tpsa import Descriptor as Basis
        from madng_tpsa import Tpsa
        from madng_tpsa.paths import core_library

        d = descriptor
        parameters = {"num_params": d.parameters, "param_order": d.parameter_order} if d.parameters else {}
        self.basis = Basis(d.variables, d.order, **parameters)
        self.library = ctypes.CDLL(core_library())
        self.positions = np.array([self.basis.monomial_index(e) for e in d.exponents.tolist()])
        self.series = [Tpsa(self.basis) for _ in range(3 * len(a))]
        self.addresses = np.array([self._address(s) for s in self.series])
        self.a, self.b, self.out = self.addresses.reshape(3, -1)
        for address, values in zip(self.addresses, [*a.coefficients, *b.coefficients], strict=False):
            self._set(int(address), values)
        self.parameters = [self.basis.param(k + 1) for k in range(d.parameters)]
        self.inner = np.array([*self.b, *map(self._address, self.parameters)])
        self.point = np.ascontiguousarray(np.concatenate([point, np.zeros(d.parameters)]))
        self.values = np.zeros(len(a))

    @staticmethod
    def _address(series: Any) -> int:
        from madng_tpsa._cffi import ffi

        return int(ffi.cast("uintptr_t", series.ptr))

    def _set(self, address: int, values: np.ndarray) -> None:
        ordered = np.empty(len(values))
        ordered[self.positions] = values
        pointer = ordered.ctypes.data_as(ctypes.c_void_p)
        self.library.mad_tpsa_setv(ctypes.c_void_p(address), 0, len(values), pointer)

    def _get(self, address: int) -> np.ndarray:
        ordered = np.zeros(len(self.positions))
        pointer = ordered.ctypes.data_as(ctypes.c_void_p)
        self.library.mad_tpsa_getv(ctypes.c_void_p(int(address)), 0, len(ordered), pointer)
        return ordered[self.positions]

    def operation(self, op: str) -> Callable[[int], None]:
        """`repeat(count)` of an operation."""
        if op == "inverse" and len(self.inner) > len(self.a):
            raise PeerUnavailableError("inverts in the variables only")
        if op in IN_PYTHON:
            once = partial(IN_PYTHON[op], self.series[0], self.series[len(self.a)])
            return _repeated(once, lambda found: setattr(self, "found", found))
        if op.endswith(" in Python"):
            raise PeerUnavailableError("not in its Python package")
        x, y, z, n = self.a[0], self.b[0], self.out[0], len(self.a)
        a, b, out = (block.ctypes.data for block in (self.a, self.inner, self.out))
        call = {
            "add": ("add", x, y, z), "mul": ("mul", x, y, z), "square": ("mul", x, x, z), "div": ("div", x, y, z),
            "inv": ("inv", x, z, 1.0), "sqrt": ("sqrt", x, z), "exp": ("exp", x, z), "sin": ("sin", x, z),
            "rsqrt": ("invsqrt", x, z, 1.0), "sincos": ("sincos", x, z, self.out[-1]),
            "derivative": ("deriv", x, z, 1), "bracket": ("poisbra", x, y, z, n),
            "compose": ("compose", n, a, len(self.inner), b, out),
            "inverse": ("minv", n, b, n, out),
            "evaluate": ("eval", n, a, len(self.point), self.point.ctypes.data, self.values.ctypes.data),
        }[op]  # fmt: skip
        if op != "evaluate":
            return _native(self.library, "mad_tpsa_" + call[0], *call[1:])
        one = _native(self.library, "mad_tpsa_eval", *call[1:])
        return lambda count: one(1000 * count)

    def result(self, op: str) -> np.ndarray:
        """(n, size) coefficients of the result, (n,) values at the point for evaluate."""
        self.operation(op)(1)
        if op == "evaluate":
            return self.values
        if op in IN_PYTHON:
            return self._get(self._address(self.found))[None]
        return np.array([self._get(z) for z in (self.out if op in ("compose", "inverse") else self.out[:1])])

    def seconds(self, op: str) -> float:
        """Seconds of one operation."""
        return per_call(self.operation(op))


class Dace:
    """DACE through the Python package daceypy."""

    def __init__(self, descriptor: Descriptor, a: TaylorMap, b: TaylorMap, point: np.ndarray) -> None:
        if descriptor.parameters:
            raise PeerUnavailableError("no separate order of parameters")
        from daceypy import DA, array, core

        DA.init(descriptor.order, descriptor.variables)
        DA.setEps(0.0)
        self.library, self.array = core.DAlib, array
        self.descriptor = descriptor
        self.a, self.b = ([self._series(DA, values) for values in m.coefficients] for m in (a, b))
        self.out = DA()

    def _series(self, kind: Any, values: np.ndarray) -> Any:
        series = kind()
        for exponents, value in zip(self.descriptor.exponents.tolist(), values, strict=True):
            if value != 0.0:
                series.setCoefficient(exponents, float(value))
        return series

    def operation(self, op: str) -> Callable[[int], Any]:
        """`repeat(count)` of an operation."""
        python = self._python_operation(op)
        if python is not None:
            return _repeated(python, lambda found: setattr(self, "found", found))
        x, y, z = (ctypes.addressof(getattr(s, "m_index", s)) for s in (self.a[0], self.b[0], self.out))
        call = {
            "add": ("Add", x, y, z), "mul": ("Multiply", x, y, z), "square": ("Square", x, z),
            "div": ("Divide", x, y, z), "inv": ("MultiplicativeInverse", x, z), "sqrt": ("SquareRoot", x, z),
            "exp": ("Exponential", x, z), "sin": ("Sine", x, z), "derivative": ("Differentiate", 1, x, z),
            "rsqrt": ("InverseSquareRoot", x, z),
        }.get(op)  # fmt: skip
        if call is None:
            raise PeerUnavailableError("one point at a time, in Python" if op == "evaluate" else "has none")
        return _native(self.library, "dace" + call[0], *call[1:])

    def _python_operation(self, op: str) -> Callable[[], Any] | None:
        """The call of an operation in Python, None for those of the C library."""
        if op in IN_PYTHON:
            return partial(IN_PYTHON[op], self.a[0], self.b[0])
        a, b = self.array(self.a), self.array(self.b)
        return {"compose": lambda: a.eval(b), "inverse": b.invert}.get(op.removesuffix(" in Python"))

    def result(self, op: str) -> np.ndarray:
        """(n, size) coefficients of the result."""
        self.operation(op)(1)
        found = [self.out] if self._python_operation(op) is None else [self.found] if op in IN_PYTHON else self.found
        exponents = self.descriptor.exponents.tolist()
        return np.array([[series.getCoefficient(e) for e in exponents] for series in found])

    def seconds(self, op: str) -> float:
        """Seconds of one operation."""
        return per_call(self.operation(op))


class MadNg:
    """GTPSA as a MAD-NG script uses it, through pymadng."""

    def __init__(self, descriptor: Descriptor, a: TaylorMap, b: TaylorMap, point: np.ndarray) -> None:
        from pymadng import MAD

        d = descriptor
        self.process = MAD(stdout=os.devnull, redirect_stderr=True)
        parameters = f", np={d.parameters}, po={d.parameter_order}" if d.parameters else ""
        self.process.send(
            f"a = MAD.damap {{ nv={d.variables}, mo={d.order}{parameters} }} ; b = a:copy() ; r = a:copy() ; "
            "x, y, z = a[1], b[1], r[1] ; points, values = py:recv(), MAD.matrix(#a, 1)"
        )
        self.process.send(np.concatenate([point, np.zeros(d.parameters)]).reshape(-1, 1))
        self.components, self.parameters = len(a), d.parameters
        self.known = {tuple(e): i for i, e in enumerate(d.exponents.tolist())}
        self.order = np.arange(d.size)
        self._fill("z", np.arange(1.0, d.size + 1.0))
        self.process.send("py:send(z)")
        exponents, numbers = self.process.recv()
        for e, number in zip(exponents.tolist(), numbers, strict=True):
            self.order[int(number) - 1] = self.known[tuple(e)]
        for name, m in (("a", a), ("b", b)):
            for i, values in enumerate(m.coefficients):
                self._fill(f"{name}[{i + 1}]", values)

    def _fill(self, name: str, values: np.ndarray) -> None:
        self.process.send(f"{name}:fill(py:recv())")
        self.process.send(np.ascontiguousarray(values[self.order]).reshape(-1, 1))

    def _script(self, op: str) -> str:
        if self.parameters and op in ("compose", "inverse"):
            raise PeerUnavailableError("composes and inverts in the variables only")
        if op.endswith(" in Python"):
            raise PeerUnavailableError("not in Python")
        return {
            "add": "x:add(y, z)", "mul": "x:mul(y, z)", "square": "x:mul(x, z)", "div": "x:div(y, z)",
            "inv": "x:inv(1, z)", "sqrt": "x:sqrt(z)", "exp": "x:exp(z)", "sin": "x:sin(z)",
            "rsqrt": "x:invsqrt(1, z)", "sincos": "x:sincos(z, r[#r])",
            "derivative": "x:deriv(1, z)", "bracket": f"x:poisbra(y, {self.components}, z)",
            "compose": "a:compose(b, r)", "inverse": "b:inv(r)",
            "evaluate": "for k=1,1000 do a:eval(points, values) end",
        }[op]  # fmt: skip

    def result(self, op: str) -> np.ndarray:
        """(n, size) coefficients of the result, (n,) values at the point for evaluate."""
        self.process.send(self._script(op))
        if op == "evaluate":
            self.process.send("py:send(values)")
            return self.process.recv().ravel()
        rows = self.components if op in ("compose", "inverse") else 1
        result = np.zeros((rows, len(self.known)))
        for i in range(rows):
            self.process.send(f"py:send(r[{i + 1}])")
            for e, value in zip(*(part.tolist() for part in self.process.recv()), strict=True):
                result[i, self.known[tuple(e)]] = value
        return result

    def seconds(self, op: str) -> float:
        """Processor seconds of one operation."""

        def measured(count: int) -> float:
            self.process.send(
                f"local s = os.clock() ; for i=1,{count} do {self._script(op)} end ; py:send(os.clock() - s)"
            )
            return self.process.recv()

        first = measured(1)
        count = max(1, min(MAX_CALLS, int(MINIMUM_SECONDS / max(first, 1e-7))))
        return measured(count) / count

    def close(self) -> None:
        """End the process."""
        self.process.close()


ALGEBRAS = {"gtpsa": ("madng_tpsa", Gtpsa), "dace": ("daceypy", Dace), "madng": ("pymadng", MadNg)}
