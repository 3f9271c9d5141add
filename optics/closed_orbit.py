"""Closed orbit: Newton's method with the exact Jacobian of the one-turn map."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from optics.cavities import orbit_dimension, without_rf
from optics.errors import NoClosedOrbitError
from optics.linear_pass import LinearPass, Places, linear_pass
from tracking.errors import InputError
from tracking.line import Line
from tracking.pack import PackedLine, pack

NewtonSolver = Callable[[LinearPass], NDArray[np.float64]]

CONVERGED = 1e-13  # Newton step [m, 1] below which the orbit is exact to round-off
ROUND_OFF = 1e-10  # steps below this that no longer shrink are round-off of a long line
MAX_STEPS = 60
MAX_HALVINGS = 14


@dataclass(frozen=True)
class ClosedOrbit:
    """Closed orbit of a line.

    Attributes
    ----------
    start : (6,) array
        (x, px, y, py, zeta, pzeta) at the start of the line [m, 1, m, 1, m, 1].
    orbit : (elements + 1, 6) array
        The same at the start and at the exit of every element.
    matrix : (6, 6) array
        Jacobian of the one-turn map about the orbit.
    s : (elements + 1,) array
        Positions [m].
    """

    start: NDArray[np.float64]
    orbit: NDArray[np.float64]
    matrix: NDArray[np.float64]
    s: NDArray[np.float64]


def closed_orbit(line: Line, dim: int | None = None, pzeta: float = 0.0, guess: ArrayLike | None = None) -> ClosedOrbit:
    """Closed orbit of a ring, or the fixed point of any line.

    Parameters
    ----------
    line : Line
    dim : {4, 6}, optional
        4: (x, px, y, py) close for the given pzeta, cavities and radiation off. 6: all coordinates close; needs a
        powered cavity. When left out, 6 where an accelerating cavity is powered.
    pzeta : float
        Energy deviation for ``dim=4`` [1]; for ``dim=6`` the first guess of it.
    guess : (6,) array, optional
        Where to start the search [m, 1, m, 1, m, 1]; the reference orbit when left out.

    Raises
    ------
    NoClosedOrbitError
        With the element and the Newton step where the orbit was lost, or the reason why the search stopped.
    InputError
        For a bad `dim`, `pzeta` or `guess`.
    """
    dim = orbit_dimension(line, dim)
    packed = pack(line if dim == 6 else without_rf(line))
    places = Places.exits(packed)
    found = find_closed_orbit(packed, places, dim, pzeta, guess)
    return ClosedOrbit(found.orbit[0], found.orbit, found.matrices[-1], places.s)


def find_closed_orbit(
    packed: PackedLine, places: Places, dim: int, pzeta: float = 0.0, guess: ArrayLike | None = None
) -> LinearPass:
    """Closed orbit and matrices about it at `places`, of which the last must be the end of the line.

    Damped Newton iteration; a step is accepted when the next (simplified) Newton step is shorter, a test that does not
    depend on the units of the coordinates. Source: P. Deuflhard, Newton Methods for Nonlinear Problems (2004), ch. 3.
    """
    if packed.accelerates:
        raise InputError(
            f"closed orbit: the reference particle enters with p0c = {packed.reference.p0c:.9g} eV and leaves with "
            f"{packed.references[-1].p0c:.9g} eV; expected a line that gives its energy back"
        )
    start = _first_guess(guess, pzeta, dim)
    current = linear_pass(packed, start, places)
    if not current.finite:
        raise _lost(packed, start, 1)
    previous = np.inf
    for step_number in range(1, MAX_STEPS + 1):
        solve = _newton_solver(current, dim, step_number)
        step = solve(current)
        size = np.abs(step).max()
        if size <= CONVERGED or (size <= ROUND_OFF and size > 0.1 * previous):
            return current.moved(step)
        current = _damped_step(packed, places, current, step, solve, step_number)
        previous = size
    raise NoClosedOrbitError(f"no convergence (last step {size:.3g})", MAX_STEPS, current.orbit[0])


def _damped_step(
    packed: PackedLine,
    places: Places,
    current: LinearPass,
    step: NDArray[np.float64],
    solve: NewtonSolver,
    step_number: int,
) -> LinearPass:
    """The pass after a Newton step, halved until it is finite and brings the orbit closer to closing."""
    size, lost = np.abs(step).max(), None
    for halvings in range(MAX_HALVINGS):
        fraction = 0.5**halvings
        trial = linear_pass(packed, current.orbit[0] + fraction * step, places)
        if not trial.finite:
            lost = trial.orbit[0]
            continue
        ahead = np.abs(solve(trial)).max()
        if ahead <= (1.0 - 0.25 * fraction) * size or ahead <= ROUND_OFF:
            return trial
    if lost is not None:
        raise _lost(packed, lost, step_number)
    raise NoClosedOrbitError(f"no convergence (step {size:.3g})", step_number, current.orbit[0])


def _newton_solver(current: LinearPass, dim: int, step_number: int) -> NewtonSolver:
    """Function pass -> Newton step (6,), with the Jacobian of `current`."""
    jacobian = np.eye(dim) - current.matrices[-1, :dim, :dim]
    if np.linalg.cond(jacobian) > 1e14:
        hint = "no longitudinal focusing; use dim=4 or power a cavity" if dim == 6 else "a tune is an integer"
        raise NoClosedOrbitError(f"the one-turn matrix has eigenvalue 1 ({hint})", step_number, current.orbit[0])
    inverse = np.linalg.inv(jacobian)

    def solve(passed: LinearPass) -> NDArray[np.float64]:
        step = np.zeros(6)
        step[:dim] = inverse @ (passed.orbit[-1, :dim] - passed.orbit[0, :dim])
        return step

    return solve


def _lost(packed: PackedLine, start: NDArray[np.float64], step_number: int) -> NoClosedOrbitError:
    """The error that names the element where an orbit from `start` (6,) stops being finite."""
    failed = linear_pass(packed, start, Places.exits(packed))
    good = np.isfinite(failed.orbit).all(axis=1) & np.isfinite(failed.matrices).all(axis=(1, 2))
    element = int(np.argmin(good)) - 1
    return NoClosedOrbitError("the orbit was lost", step_number, start, packed.names[max(element, 0)])


def _first_guess(guess: ArrayLike | None, pzeta: float, dim: int) -> NDArray[np.float64]:
    start = np.zeros(6) if guess is None else np.array(guess, dtype=float)
    if start.shape != (6,) or not np.isfinite(start).all():
        raise InputError(f"closed orbit: guess = {guess!r}; expected 6 finite numbers (x, px, y, py, zeta, pzeta)")
    if not np.isfinite(pzeta):
        raise InputError(f"closed orbit: pzeta = {pzeta!r}; expected a finite number")
    if dim == 4 or guess is None:
        start[5] = pzeta
    return start
