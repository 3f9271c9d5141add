"""Optics at the start of a beam line, where it is given instead of periodic."""

from __future__ import annotations

from dataclasses import dataclass, fields
from math import isfinite, sqrt

import numpy as np
from numpy.typing import NDArray

from optics.twiss_result import TwissResult
from tracking.errors import InputError


@dataclass(frozen=True, kw_only=True)
class InitialOptics:
    """Optics and orbit at the start of a line.

    Parameters
    ----------
    betx, bety : float
        Beta functions [m], above 0.
    alfx, alfy : float
        alpha = -beta'/2 [1].
    mux, muy : float
        Phases [2 pi] that the columns begin with.
    dx, dpx, dy, dpy : float
        Dispersion per delta [m], [1].
    x, px, y, py, zeta, pzeta : float
        Orbit [m], [1].
    normalising : (4, 4) array, optional
        Symplectic normal-mode matrix of coupled motion; replaces betx, alfx, bety, alfy.

    Raises
    ------
    InputError
        If a number is not finite or a beta function not positive.
    """

    betx: float = 1.0
    alfx: float = 0.0
    bety: float = 1.0
    alfy: float = 0.0
    mux: float = 0.0
    muy: float = 0.0
    dx: float = 0.0
    dpx: float = 0.0
    dy: float = 0.0
    dpy: float = 0.0
    x: float = 0.0
    px: float = 0.0
    y: float = 0.0
    py: float = 0.0
    zeta: float = 0.0
    pzeta: float = 0.0
    normalising: NDArray[np.float64] | None = None

    def __post_init__(self) -> None:
        for name in NUMBERS:
            number = getattr(self, name)
            if not isfinite(number) or (name in ("betx", "bety") and number <= 0.0):
                expected = "a number above 0 [m]" if name in ("betx", "bety") else "a finite number"
                raise InputError(f"initial optics: {name} = {number!r}; expected {expected}")

    @classmethod
    def parse(cls, text: str) -> InitialOptics:
        """From text such as ``"betx=5,alfx=-1,bety=3"``; betx and bety must be among the names."""
        numbers: dict[str, float] = {}
        for item in text.split(","):
            name, equals, number = (part.strip() for part in item.partition("="))
            if not equals or name not in NUMBERS or name in numbers:
                raise InputError(f"initial optics: {item!r}; expected NAME=NUMBER, each name once, of {NUMBERS}")
            try:
                numbers[name] = float(number)
            except ValueError:
                raise InputError(f"initial optics: {name} = {number!r}; expected a number") from None
        missing = [name for name in ("betx", "bety") if name not in numbers]
        if missing:
            raise InputError(f"initial optics: {', '.join(missing)} missing in {text!r}; give at least betx and bety")
        return cls(**numbers)

    @classmethod
    def of(cls, result: TwissResult, name: str) -> InitialOptics:
        """Optics at an element's exit of another (four-dimensional) result, coupling included."""
        row = result[name]
        normalising = result.normalising[result.place(name)]
        if normalising.shape != (4, 4):
            raise InputError("initial optics: the result is six-dimensional; expected one of twiss(..., method='4d')")
        return cls(normalising=normalising, **{name: row[name] for name in NUMBERS})

    @property
    def orbit(self) -> NDArray[np.float64]:
        """(6,) coordinates."""
        return np.array([self.x, self.px, self.y, self.py, self.zeta, self.pzeta])

    @property
    def dispersion(self) -> NDArray[np.float64]:
        """(4,) dispersion per delta."""
        return np.array([self.dx, self.dpx, self.dy, self.dpy])

    def normal_modes(self) -> NDArray[np.float64]:
        """(4, 4) normalising matrix W."""
        if self.normalising is not None:
            return self.normalising
        matrix = np.zeros((4, 4))
        for k, (beta, alpha) in enumerate(((self.betx, self.alfx), (self.bety, self.alfy))):
            root = sqrt(beta)
            matrix[2 * k : 2 * k + 2, 2 * k : 2 * k + 2] = [[root, 0.0], [-alpha / root, 1.0 / root]]
        return matrix


NUMBERS = tuple(f.name for f in fields(InitialOptics) if f.name != "normalising")
