"""Element maps from outside the package: a user's function gets an op code and runs in every engine."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from types import FunctionType
from typing import Any

import numba
import numpy as np
from numba.extending import register_jitable
from numpy.typing import NDArray

from tracking.errors import InputError

FIRST_CODE = 1000  # codes below belong to the built-in maps
MapFunction = Callable[[tuple, Any, Any], tuple]


@dataclass(frozen=True)
class UserMap:
    """A registered map: `function(z, p, beta0)` takes the phase space point and `parameters` numbers `p`."""

    code: int
    function: MapFunction
    parameters: int
    uses_zeta: bool


_maps: dict[int, UserMap] = {}


def register_map(function: MapFunction, parameters: int, uses_zeta: bool = False) -> int:
    """Give a map function an op code, for use in the rows of an element's lowering.

    Parameters
    ----------
    function : callable
        ``function(z, p, beta0) -> z`` with z = (x, px, y, py, zeta, pzeta), written like the package's own maps: plain
        arithmetic and functions of `tpsa.gmath`, no branch on values, no mutation.
    parameters : int
        Length of the rows ``p``.
    uses_zeta : bool
        Whether the map depends on zeta or changes pzeta; what it computes is wrong if it does and this says no.

    Returns
    -------
    int
        Op code, 1000 or above; the same again for a function that is registered already.

    Raises
    ------
    InputError
        If `function` is no callable or `parameters` no count.
    """
    if not callable(function):
        raise InputError(f"register_map: function = {function!r}; expected a callable (z, p, beta0) -> z")
    if isinstance(parameters, bool) or not isinstance(parameters, int) or parameters < 0:
        raise InputError(f"register_map: parameters = {parameters!r}; expected an integer of at least 0")
    for known in _maps.values():
        if known.function is function:
            return known.code
    code = FIRST_CODE + len(_maps)
    _maps[code] = UserMap(code, register_jitable(function), parameters, uses_zeta)
    return code


def user_map(code: int) -> UserMap:
    """The registered map of an op code."""
    try:
        return _maps[code]
    except KeyError:
        raise InputError(
            f"op code {code}: no such map is registered in this process; call tracking.register_map first"
        ) from None


@cache
def with_map(driver: Any, code: int) -> Any:
    """A compiled loop over rows that calls `step`, or its twin for rows of one user map.

    Parameters
    ----------
    driver : numba dispatcher
        Function of the global name `step`; returned as it is for code -1, the built-in maps.
    code : int
    """
    if code < 0:
        return driver
    function = user_map(code).function

    @register_jitable
    def step(op, z, p, beta0):
        return function(z, p, beta0)

    loop = driver.py_func
    twin = FunctionType(loop.__code__, {**loop.__globals__, "step": step}, loop.__name__)
    return numba.njit(error_model="numpy", nogil=True)(twin)


def segments(ops: NDArray[np.int64], first: int, last: int) -> list[tuple[int, int, int]]:
    """Runs of rows that one compiled driver can take: (first row, end row, user code or -1 for built-in maps)."""
    kinds = np.where(ops[first:last] >= FIRST_CODE, ops[first:last], -1)
    cuts = [0, *(np.flatnonzero(np.diff(kinds)) + 1).tolist(), kinds.size]
    return [(first + a, first + b, int(kinds[a])) for a, b in zip(cuts, cuts[1:], strict=False) if b > a]
