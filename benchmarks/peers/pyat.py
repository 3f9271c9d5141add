"""pyAT, reading the MAD-X file itself. Its default pass methods are an expanded model with linear edges."""

from __future__ import annotations

import contextlib
import io
import time
import warnings

import at
import numpy as np

from benchmarks.peers import Machine, Optics
from tracking.coordinates import convert_particles

EXACT = {  # pass methods of the full square-root Hamiltonian
    "DriftPass": "ExactDriftPass",
    "StrMPoleSymplectic4Pass": "ExactMultipolePass",
    "BndMPoleSymplectic4Pass": "ExactSectorBendPass",
}


class PyAT:
    """pyAT ring without cavities; Forest-Ruth with 10 slices of each magnet unless `slices` says otherwise."""

    def __init__(self, machine: Machine, slices: int = 10, exact: bool = False) -> None:
        self.beta0 = machine.reference.beta0
        with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()):
            warnings.simplefilter("ignore", at.AtWarning)
            self.ring = at.load_madx(str(machine.path.resolve()), use=machine.sequence, strict=False)
            self.ring.disable_6d()
        for element in self.ring:
            if hasattr(element, "NumIntSteps"):
                element.NumIntSteps = slices
            if exact:
                element.PassMethod = EXACT.get(element.PassMethod, element.PassMethod)

    def __enter__(self) -> PyAT:
        return self

    def __exit__(self, *problem: object) -> None:
        pass

    def _optics(self) -> tuple:
        return at.linopt4(self.ring, refpts=at.All, get_chrom=True)

    def optics(self) -> Optics:
        """linopt4; its chromaticity is a finite difference in delta."""
        _, found, _ = self._optics()
        return Optics(*found.tune[:2], *found.chromaticity[:2])

    def matrix(self) -> np.ndarray:
        """4x4 one-turn matrix in (x, px, y, py)."""
        return at.find_m44(self.ring)[0]

    def track(self, particles: np.ndarray, turns: int) -> np.ndarray:
        """Particles after some turns."""
        z = np.asfortranarray(convert_particles(particles, "taylorbeam", "at", self.beta0).T)
        at.lattice_pass(self.ring, z, nturns=turns, refpts=None)
        return convert_particles(z.T, "at", "taylorbeam", self.beta0)

    def track_seconds(self, particles: np.ndarray, turns: int) -> float:
        """Processor seconds of the lattice_pass call."""
        z = np.asfortranarray(convert_particles(particles, "taylorbeam", "at", self.beta0).T)
        start = time.process_time()
        at.lattice_pass(self.ring, z, nturns=turns, refpts=None)
        return time.process_time() - start

    def optics_seconds(self) -> float:
        """Seconds of the linopt4 call."""
        start = time.perf_counter()
        self._optics()
        return time.perf_counter() - start
