"""MAD-X TWISS and PTC through cpymad. Times are those of the calls, seen from Python, but for tracking."""

from __future__ import annotations

import tempfile
import time
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
from cpymad.madx import Madx

from benchmarks.peers import Machine, Optics
from benchmarks.terms import Terms, from_canonical_time
from tracking.coordinates import convert_particles

VARIABLES = ("x", "px", "y", "py", "t", "pt")


class MadX:
    """MAD-X TWISS: linear matrices of whole elements, expanded model."""

    def __init__(self, machine: Machine, rf: bool = False) -> None:
        self.rf = rf
        self.beta0 = machine.reference.beta0
        self.folder = tempfile.TemporaryDirectory()  # PTC leaves files where it runs
        self.madx = Madx(stdout=False, cwd=self.folder.name)
        self.madx.option(echo=False, info=False, warn=False)
        self.madx.call(str(machine.path.resolve()), chdir=True)
        self.madx.use(machine.sequence)
        for name in () if rf else machine.cavities:
            self.madx.elements[name].volt = 0.0

    def __enter__(self) -> MadX:
        return self

    def __exit__(self, *problem: object) -> None:
        self.madx.quit()
        self.folder.cleanup()

    def optics(self) -> Optics:
        """TWISS with chromatic functions; dq1 and dq2 of MAD-X are per pt."""
        found = self.madx.twiss(chrom=True).summary
        return Optics(found.q1, found.q2, self.beta0 * found.dq1, self.beta0 * found.dq2)

    def optics_seconds(self) -> float:
        """Seconds of the TWISS command."""
        start = time.perf_counter()
        self.madx.twiss(chrom=True)
        return time.perf_counter() - start


class PTC(MadX):
    """PTC layout of the same sequence: exact Hamiltonian.

    `splitting` is the layout's ``model``: 1 drift-kick-drift (in bends too), 2 matrix-kick-matrix.
    """

    def __init__(
        self,
        machine: Machine,
        slices: int = 10,
        method: int = 4,
        splitting: int = 1,
        exact: bool = True,
        rf: bool = False,
    ) -> None:
        super().__init__(machine, rf)
        self.layout = {"model": splitting, "method": method, "nst": slices, "exact": exact}

    def _open(self, time_variable: bool) -> None:
        self.madx.ptc_create_universe()
        self.madx.ptc_create_layout(**self.layout, time=time_variable)

    def _normal(self, order: int) -> None:
        self.madx.ptc_normal(maptable=True, icase=6 if self.rf else 56, no=order, closed_orbit=True)

    def one_turn_map(self, order: int, orbit: np.ndarray | None = None) -> Terms:
        """Taylor map of one turn about PTC's own closed orbit; in its table the sixth variable is -t, row 5 is pt."""
        self._open(time_variable=True)
        self._normal(order)
        table = self.madx.table.map_table
        names = ("nx", "nxp", "ny", "nyp", "nt", "ndeltap")
        powers = np.column_stack([table[name] for name in names]).round().astype(int)
        place = {1: 0, 2: 1, 3: 2, 4: 3, 5: 5, 6: 4}
        terms: dict[tuple[int, ...], np.ndarray] = {}
        for exponents, row, value in zip(powers, table["n_vector"], table["coef"], strict=True):
            to = place[int(round(row))]
            sign = (-1.0) ** (int(exponents[4]) + (to == 4))
            terms.setdefault(tuple(int(n) for n in exponents), np.zeros(6))[to] = sign * value
        self.madx.ptc_end()
        return from_canonical_time(terms, self.beta0)

    def map_seconds(self, order: int, orbit: np.ndarray | None = None) -> float:
        """Seconds of PTC_NORMAL: closed orbit and map."""
        return self._seconds(lambda: self._normal(order), time_variable=True)

    def _twiss(self) -> Any:
        self.madx.ptc_twiss(icase=5, no=2, closed_orbit=True)
        return self.madx.table.ptc_twiss.summary

    def optics(self) -> Optics:
        """PTC_TWISS with time=false: derivatives by delta."""
        self._open(time_variable=False)
        found = self._twiss()
        self.madx.ptc_end()
        return Optics(found.q1, found.q2, found.dq1, found.dq2)

    def detuning(self) -> tuple[np.ndarray, np.ndarray]:
        """dQ_k/dJ_l (2, 2) and d2Q_k/dJ_l dJ_m (2, 2, 2) of the normal form; PTC differentiates by 2 J."""
        self._open(time_variable=False)
        for plane, first, second in product("xy", range(3), range(3)):
            if 0 < first + second <= 2:
                self.madx.input(f"select_ptc_normal, anh{plane}={first},{second},0;")
        self.madx.ptc_normal(normal=True, icase=5, no=6, closed_orbit=True)
        table = self.madx.table.normal_results
        keys = zip(table.name, table.order1.astype(int), table.order2.astype(int), strict=True)
        found = dict(zip(keys, table.value.tolist(), strict=True))
        self.madx.ptc_end()
        one = [[2.0 * found[f"anh{k}", *order] for order in ((1, 0), (0, 1))] for k in "xy"]
        orders = ((2, 0), (1, 1)), ((1, 1), (0, 2))
        return np.array(one), np.array([[[4.0 * found[f"anh{k}", *o] for o in row] for row in orders] for k in "xy"])

    def optics_seconds(self) -> float:
        """Seconds of PTC_TWISS."""
        return self._seconds(self._twiss, time_variable=False)

    def _track(self, particles: np.ndarray, turns: int) -> float:
        """Processor seconds of PTC_TRACK; its table ``tracksumm`` has the particles before and after all turns."""
        self._open(time_variable=True)
        for z in convert_particles(particles, "taylorbeam", "madx", self.beta0).tolist():
            self.madx.ptc_start(**dict(zip(VARIABLES, z, strict=True)))
        start = self._clock()
        self.madx.ptc_track(
            icase=6, turns=turns, element_by_element=False, closed_orbit=False, dump=False, maxaper=[1.0] * 6
        )
        return self._clock() - start

    def _clock(self) -> float:
        """Processor seconds of the MAD-X process where the system tells them, else seconds."""
        try:
            nanoseconds = Path(f"/proc/{self.madx._process.pid}/schedstat").read_text(encoding="ascii").split()[0]
        except OSError:
            return time.perf_counter()
        return 1e-9 * int(nanoseconds)

    def track(self, particles: np.ndarray, turns: int) -> np.ndarray:
        """Particles after some turns."""
        self._track(particles, turns)
        table = self.madx.table.tracksumm
        found = np.column_stack([table[name] for name in VARIABLES])[-len(particles) :]
        self._close()
        return convert_particles(found, "madx", "taylorbeam", self.beta0)

    def track_seconds(self, particles: np.ndarray, turns: int) -> float:
        """Processor seconds of PTC_TRACK."""
        seconds = self._track(particles, turns)
        self._close()
        return seconds

    def _close(self) -> None:
        self.madx.ptc_track_end()
        self.madx.ptc_end()

    def _seconds(self, command: Any, time_variable: bool) -> float:
        self._open(time_variable)
        start = time.perf_counter()
        command()
        seconds = time.perf_counter() - start
        self.madx.ptc_end()
        return seconds
