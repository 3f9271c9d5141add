"""Gaussian beam matched to the optics at the start of a line."""

from __future__ import annotations

from dataclasses import dataclass, fields
from math import isfinite

import numpy as np
from numpy.typing import NDArray

from optics.closed_orbit import closed_orbit
from optics.twiss import twiss
from tracking.coordinates import pzeta_of
from tracking.errors import InputError
from tracking.line import Line


@dataclass(frozen=True, kw_only=True)
class BeamSize:
    """Size of a Gaussian beam.

    Parameters
    ----------
    ex, ey : float
        Emittances of modes 1 and 2, not normalised [m].
    sigp : float
        Relative momentum spread of delta.
    sigz : float
        Length in zeta [m].
    seed : int
        Seed of the random numbers.
    """

    ex: float = 1e-9
    ey: float = 1e-9
    sigp: float = 0.0
    sigz: float = 0.0
    seed: int = 1

    def __post_init__(self) -> None:
        for field in fields(self):
            value = getattr(self, field.name)
            if not isfinite(value) or value < 0:
                raise InputError(f"beam: {field.name} = {value!r}; expected a finite number of at least 0")

    @classmethod
    def parse(cls, text: str | None) -> BeamSize:
        """From text such as ``"ex=1e-9,ey=1e-11,sigp=1e-3"``; what is missing has its default."""
        numbers: dict[str, float] = {}
        for item in text.split(",") if text else ():
            name, equals, number = (part.strip() for part in item.partition("="))
            names = [field.name for field in fields(cls)]
            if not equals or name not in names or name in numbers:
                raise InputError(f"beam: {item!r}; expected NAME=NUMBER, each name once, of {names}")
            try:
                numbers[name] = int(number) if name == "seed" else float(number)
            except ValueError:
                raise InputError(f"beam: {name} = {number!r}; expected a number") from None
        return cls(**numbers)


def matched_gaussian(line: Line, particles: int, size: BeamSize) -> NDArray[np.float64]:
    """Particles about the closed orbit, matched in four dimensions (coupling included) and in dispersion.

    Parameters
    ----------
    line : Line
        Ring, or a periodic cell.
    particles : int
    size : BeamSize
        zeta and delta are independent.

    Returns
    -------
    (particles, 6) array

    Raises
    ------
    OpticsError
        If the line has no stable optics or no closed orbit.
    """
    optics = twiss(line.with_settings(rf=False), method="4d", order=1)
    normal = np.random.default_rng(size.seed).standard_normal((particles, 6))
    scales = np.sqrt([size.ex, size.ex, size.ey, size.ey])
    beam = np.empty((particles, 6))
    delta = size.sigp * normal[:, 5]
    beam[:, :4] = (scales * normal[:, :4]) @ optics.normalising[0].T + delta[:, None] * optics.dispersion[0, :, 0]
    beam[:, 4] = size.sigz * normal[:, 4]
    beam[:, 5] = pzeta_of(delta, optics.beta0)
    return beam + closed_orbit(line).start
