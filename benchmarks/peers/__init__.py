"""Other codes behind one small interface, for benchmarks and tests.

Every adapter is built from a `Machine`, returns its answers in the package's variables, and offers samples of its own
running time. A peer is imported only when it is asked for.
"""

from __future__ import annotations

import importlib
import importlib.util
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from tracking.line import Line
from tracking.reference import ReferenceParticle

ADAPTERS = {  # name: (module of the peer, adapter)
    "madng": ("pymadng", "benchmarks.peers.madng:MadNG"),
    "ptc": ("cpymad", "benchmarks.peers.madx:PTC"),
    "madx": ("cpymad", "benchmarks.peers.madx:MadX"),
    "xtrack": ("xtrack", "benchmarks.peers.xsuite:Xtrack"),
    "pyat": ("at", "benchmarks.peers.pyat:PyAT"),
}


@dataclass(frozen=True)
class Machine:
    """What a peer needs to load the same machine."""

    path: Path
    sequence: str
    reference: ReferenceParticle
    cavities: tuple[str, ...] = ()

    @classmethod
    def of(cls, path: Path, line: Line) -> Machine:
        """The machine of a file that `line` was loaded from."""
        kinds = ("rfcavity", "crabcavity")
        pairs = zip(line.names, line.elements, strict=True)
        names = {re.sub(r":\d+$", "", name) for name, element in pairs if element.keyword in kinds}
        return cls(path, line.name, line.reference, tuple(sorted(names)))


@dataclass(frozen=True)
class Optics:
    """Tunes and their first derivatives by delta = dp/p0; PTC gives fractional tunes only."""

    q1: float
    q2: float
    dq1: float
    dq2: float

    def tune_error(self, other: Optics) -> float:
        """Largest difference of the fractional tunes."""
        apart = np.array([self.q1 - other.q1, self.q2 - other.q2])
        return float(np.abs(apart - np.round(apart)).max())

    def chromaticity_error(self, other: Optics) -> float:
        """Largest difference of the chromaticities."""
        return max(abs(self.dq1 - other.dq1), abs(self.dq2 - other.dq2))


class PeerUnavailableError(Exception):
    """A peer that is not installed, or cannot load a lattice."""


def installed(name: str) -> bool:
    """Whether the package of a peer can be imported."""
    return importlib.util.find_spec(ADAPTERS[name][0]) is not None


def connect(name: str, machine: Machine, **choices: Any) -> Any:
    """The adapter of a peer, with the machine loaded; use it in a ``with`` statement.

    Raises
    ------
    PeerUnavailableError
        If the peer is not installed or fails on the lattice.
    """
    if not installed(name):
        raise PeerUnavailableError("not installed")
    module, _, adapter = ADAPTERS[name][1].partition(":")
    try:
        return getattr(importlib.import_module(module), adapter)(machine, **choices)
    except Exception as error:
        raise PeerUnavailableError(f"cannot load the lattice: {type(error).__name__}: {error}"[:200]) from error
