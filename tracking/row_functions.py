"""One compiled function per map and kind of numbers, called by address.

An engine's loop over rows looks the address up in a table, so that only the maps a line uses are compiled, each is
optimised on its own, and users' maps need no loop of their own.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import numba
import numpy as np
from llvmlite import ir
from numba import types
from numba.extending import intrinsic
from numpy.typing import NDArray

import tpsa
from tpsa.jit import package_callback, package_njit
from tracking.step import MAPS
from tracking.user_maps import FIRST_CODE

ROOTS = (Path(tpsa.__file__).parent, Path(__file__).parent)
njit = package_njit(ROOTS)
_callback = package_callback(ROOTS)

FAILED = -1  # of a row function
# (state, first number, address of the row's parameters, their number, beta0) -> 0, or FAILED
SIGNATURE = types.int64(types.int64, types.int64, types.int64, types.int64, types.float64)


@cache
def address(make: Callable[..., Callable[..., int]], *codes: int) -> int:
    """Address of `make(*maps)`, compiled, for the maps of op codes; `make` belongs to an engine."""
    return _compiled(make, *codes).address


@cache
def _compiled(make: Callable[..., Callable[..., int]], *codes: int) -> Any:
    function = make(*(MAPS[code] for code in codes))
    if max(codes) >= FIRST_CODE:  # a user's source may change without our knowing
        return numba.cfunc(SIGNATURE, error_model="numpy")(function)
    return _callback(function, SIGNATURE)


def addresses(make: Callable[..., Callable[..., int]], codes: Sequence[int]) -> NDArray[np.int64]:
    """Addresses of the row functions of several op codes, compiled where needed."""
    return np.array([address(make, int(code)) for code in codes], dtype=np.int64)


@intrinsic
def call_row(typingctx, function, state, first, parameters, count, beta0):
    """Call a row function by address."""

    def codegen(context, builder, signature, args):
        word, real = ir.IntType(64), ir.DoubleType()
        kind = ir.FunctionType(word, [word, word, word, word, real])
        return builder.call(builder.inttoptr(args[0], kind.as_pointer()), args[1:])

    return types.int64(types.int64, *SIGNATURE.args), codegen
