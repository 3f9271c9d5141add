"""Element maps from outside the package: a user's function gets an op code and runs in every engine."""

from __future__ import annotations

from numba.extending import register_jitable

from tracking.errors import InputError
from tracking.ops import Op
from tracking.step import MAPS, MapFunction

FIRST_CODE = 1000  # codes below belong to the built-in maps

_codes_of_zeta: set[int] = set()


def register_map(function: MapFunction, uses_zeta: bool = False) -> int:
    """Give a map function an op code, for use in the rows of an element's lowering.

    Parameters
    ----------
    function : callable
        ``function(z, p, beta0) -> z`` with z = (x, px, y, py, zeta, pzeta) and the row's parameters p, written like the
        package's own maps: plain arithmetic and functions of `tpsa.gmath`, no branch on values, no mutation.
    uses_zeta : bool
        Whether the map depends on zeta. Maps through a line without any such element are computed without zeta, so
        that saying no where it does gives wrong results.

    Returns
    -------
    int
        Op code, 1000 or above; the same again for a function that is registered already.

    Raises
    ------
    InputError
        If `function` is no callable.
    """
    if not callable(function):
        raise InputError(f"register_map: function = {function!r}; expected a callable (z, p, beta0) -> z")
    for code, known in MAPS.items():
        if known is function:
            return code
    code = FIRST_CODE + sum(c >= FIRST_CODE for c in MAPS)
    MAPS[code] = register_jitable(function)
    if uses_zeta:
        _codes_of_zeta.add(code)
    return code


def uses_zeta(code: int) -> bool:
    """Whether the map of an op code depends on zeta."""
    return code in _codes_of_zeta if code >= FIRST_CODE else Op(code).uses_zeta
