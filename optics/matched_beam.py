"""Beams matched to the optics at the start of a line."""

from __future__ import annotations

from dataclasses import dataclass, fields
from math import isfinite
from typing import Any

import numpy as np
from numpy.typing import NDArray

from optics.bucket import Bucket
from optics.closed_orbit import closed_orbit
from optics.twiss import twiss
from tracking.beams import DISTRIBUTIONS, normalised_beam
from tracking.coordinates import pzeta_of
from tracking.errors import InputError
from tracking.line import Line

BUCKETS = ("none", "linear", "nonlinear")
JOINT = "joint"
SHAPES = {"gaussian": "cut", "hollow": "inner", "q-gaussian": "q"}


@dataclass(frozen=True, kw_only=True)
class BeamParameters:
    """What a matched beam is like.

    Parameters
    ----------
    kind : str
        Distribution in the two transverse modes, one of `tracking.beams.DISTRIBUTIONS`.
    longitudinal : str
        Distribution in the longitudinal plane, independent of the others; ``"joint"``: `kind` fills all three.
    ex, ey : float
        Emittances of modes 1 and 2, not normalised [m].
    bucket : {"none", "linear", "nonlinear"}
        ``"none"``: zeta and delta independent, of rms `sigz` and `sigp`. ``"linear"``: matched to synchrotron motion
        of small amplitude. ``"nonlinear"``: stationary in the bucket of the cavities.
    sigp : float
        Relative momentum spread of delta, without a bucket.
    sigz : float
        Length in zeta [m]; with a bucket, that of the linear motion of the same emittance.
    ez : float, optional
        With a bucket: longitudinal emittance, the mean action [m], instead of `sigz`.
    cut, inner, q : float, optional
        Shape of Gaussian, hollow and q-Gaussian beams, wherever these are used.
    seed : int
    quiet, exact : bool
        Sobol points; moments exact to round-off in normalised coordinates.
    """

    kind: str = "gaussian"
    longitudinal: str = "gaussian"
    ex: float = 1e-9
    ey: float = 1e-9
    bucket: str = "none"
    sigp: float = 0.0
    sigz: float = 0.0
    ez: float | None = None
    cut: float | None = None
    inner: float | None = None
    q: float | None = None
    seed: int = 1
    quiet: bool = False
    exact: bool = False

    def __post_init__(self) -> None:
        for field in fields(self):
            value = getattr(self, field.name)
            if isinstance(value, (int, float)) and (not isfinite(value) or value < 0) and field.name != "q":
                raise InputError(f"beam: {field.name} = {value!r}; expected a finite number of at least 0")
        for name, known in (
            ("kind", tuple(DISTRIBUTIONS)), ("longitudinal", (*DISTRIBUTIONS, JOINT)), ("bucket", BUCKETS),
        ):  # fmt: skip
            if getattr(self, name) not in known:
                raise InputError(f"beam: {name} = {getattr(self, name)!r}; expected one of {', '.join(known)}")
        if self.bucket == "none" and self.ez is not None:
            raise InputError(f"beam: ez = {self.ez!r} without a bucket; give sigz and sigp, or bucket=linear")
        if self.bucket != "none" and (self.sigp or bool(self.sigz) == (self.ez is not None)):
            raise InputError(f"beam: a bunch matched to a {self.bucket} bucket needs sigz or ez, one of them, not sigp")
        used = {SHAPES[kind] for kind in (self.kind, self.longitudinal) if kind in SHAPES}
        for name in set(SHAPES.values()) - used:
            if getattr(self, name) is not None:
                kind = next(kind for kind, shape in SHAPES.items() if shape == name)
                raise InputError(f"beam: {name} = {getattr(self, name)!r} belongs to a {kind} beam, which this is not")

    @classmethod
    def parse(cls, text: str | None) -> BeamParameters:
        """From text such as ``"kind=kv,ex=1e-9,ey=1e-11,sigp=1e-3,quiet=1"``; what is missing has its default."""
        values: dict[str, Any] = {}
        names = [field.name for field in fields(cls)]
        for item in text.split(",") if text else ():
            name, equals, value = (part.strip() for part in item.partition("="))
            if not equals or name not in names or name in values:
                raise InputError(f"beam: {item!r}; expected NAME=VALUE, each name once, of {names}")
            try:
                values[name] = _READ.get(name, float)(value)
            except ValueError:
                raise InputError(f"beam: {name} = {value!r}; expected a number") from None
        return cls(**values)

    def normalised(self, particles: int) -> NDArray[np.float64]:
        """(particles, 6) coordinates of the three modes, of unit rms."""
        if self.longitudinal == JOINT:
            return self._sample(self.kind, particles, 6, self.seed)
        transverse = self._sample(self.kind, particles, 4, self.seed)
        longitudinal = self._sample(self.longitudinal, particles, 2, self.seed + 1)
        return np.hstack([transverse, longitudinal])

    def _sample(self, kind: str, particles: int, dimensions: int, seed: int) -> NDArray[np.float64]:
        shape = {SHAPES[kind]: getattr(self, SHAPES[kind])} if kind in SHAPES else {}
        given = {name: value for name, value in shape.items() if value is not None}
        return normalised_beam(kind, particles, dimensions, seed=seed, quiet=self.quiet, exact=self.exact, **given)


_READ = {"kind": str, "longitudinal": str, "bucket": str, "seed": int, "quiet": lambda v: bool(int(v)),
         "exact": lambda v: bool(int(v))}  # fmt: skip


def matched_beam(line: Line, particles: int, parameters: BeamParameters) -> NDArray[np.float64]:
    """Particles about the closed orbit, matched in the coupled normal modes and in dispersion.

    Parameters
    ----------
    line : Line
        Ring, or a periodic cell.
    particles : int
    parameters : BeamParameters

    Returns
    -------
    (particles, 6) array

    Raises
    ------
    OpticsError
        If the line has no stable optics, no closed orbit or no bucket, or the bunch does not fit into the bucket.
    """
    normalised = parameters.normalised(particles)
    normalised[:, :4] *= np.sqrt([parameters.ex, parameters.ex, parameters.ey, parameters.ey])
    if parameters.bucket == "none":
        return _coasting(line, normalised, parameters)
    optics = twiss(line, method="6d", order=0)
    matrix, orbit = optics.normalising[0], optics.closed_orbit
    emittance = parameters.ez
    if emittance is None:
        emittance = parameters.sigz**2 / (matrix[4, 4] ** 2 + matrix[4, 5] ** 2)
    longitudinal = normalised[:, 4:] * np.sqrt(emittance)
    if parameters.bucket == "nonlinear":
        longitudinal = Bucket.of(line, float(orbit[4])).points(longitudinal)
    normalised[:, 4:] = longitudinal
    return normalised @ matrix.T + orbit


def _coasting(line: Line, normalised: NDArray[np.float64], parameters: BeamParameters) -> NDArray[np.float64]:
    """zeta and delta independent of each other; optics without cavities."""
    optics = twiss(line.with_settings(rf=False), method="4d", order=0)
    delta = parameters.sigp * normalised[:, 5]
    beam = np.empty_like(normalised)
    beam[:, :4] = normalised[:, :4] @ optics.normalising[0].T + delta[:, None] * optics.dispersion[0, :, 0]
    beam[:, 4] = parameters.sigz * normalised[:, 4]
    beam[:, 5] = pzeta_of(delta, optics.beta0)
    return beam + closed_orbit(line).start
