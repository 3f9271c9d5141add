"""Reference numbers of other codes, read from NAME.ref.json files (MAD-X and PTC).

Blocks used: ``madx``, ``ptc_*_time_false`` (normal form and Twiss, powers of delta), ``ptc_map*`` (Taylor map about the
closed orbit) and ``ptc_track_N``; ``ptc_nst40_*`` are the same with 40 slices instead of 10, ``rf_on_*`` with cavities
on. PTC's matrix-kick methods converge at sixth order in linear optics, chromaticity and map terms of orders 1 and 2,
but only as 1/nst^2 in higher terms; there 10 and 40 slices are extrapolated to the limit (16 v40 - v10)/15.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.terms import Terms, from_canonical_time, row_scale, stacked, synchrotron_tune

LINEAR, NONLINEAR = 1.0 / (4.0**6 - 1.0), 1.0 / (4.0**2 - 1.0)
"""Error left with 40 slices over the change from 10 to 40, at sixth and at second order."""
OPTICS = {"exact": "ptc_time_false", "expanded": "ptc_expanded_time_false"}


@dataclass(frozen=True)
class Target:
    """A reference value with an estimate of its own convergence error.

    Attributes
    ----------
    value : array
    scale : array
        What differences are measured by.
    own_error : float or None
        Estimated largest error of the reference over scale; None where it has one number of slices only.
    limit : float or None
        Largest difference over scale that counts as agreement; None for information only.
    source : str
    """

    value: NDArray[np.float64]
    scale: NDArray[np.float64]
    own_error: float | None
    limit: float | None
    source: str


class Reference:
    """The references of one lattice; `targets` has one entry per quantity that they hold."""

    def __init__(self, path: Path) -> None:
        self.data: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        self.name: str = self.data["meta"]["name"]
        self.sequence: str = self.data["meta"]["sequence"]
        self.initial: dict[str, float] | None = self.data["meta"]["initial"]
        self.beta0: float = self.data["madx"]["beam"]["beta"]

    def targets(self) -> dict[str, Target]:
        """Targets by ``group: quantity``."""
        found = {**self._optics(), **self._maps(), **self._tracks()}
        if "rf_on_ptc_map" in self.data:
            tune = synchrotron_tune(self._matrix("rf_on_ptc_map"))
            found["rf: synchrotron tune"] = Target(np.array([tune]), np.ones(1), None, 1e-9, "PTC, 10 slices")
        return found

    def _optics(self) -> dict[str, Target]:
        converged = "ptc_nst40_time_false" in self.data
        tune_limit = {"sps": 1e-7, "esr": 1e-6, "lhcb1": 1e-6}.get(self.name, 1e-9)
        chromaticity_limit = 1e-6 if converged else 1e-4
        found: dict[str, Target] = {}
        for group, block in OPTICS.items():
            if block not in self.data:
                continue
            best = "ptc_nst40_time_false" if converged and group == "exact" else block
            for quantity, limit in (("tunes", tune_limit), ("chromaticity", chromaticity_limit)):
                value = self._tunes(block=best, derivative=quantity == "chromaticity")
                if value is None:
                    continue
                coarse = self._tunes(block=block, derivative=quantity == "chromaticity")
                scale = np.maximum(1.0, np.abs(value)) if quantity == "chromaticity" else np.ones(2)
                own = float((np.abs(value - coarse) / scale).max()) * LINEAR if best != block else None
                slices = 40 if best != block else self._slices()
                found[f"{group}: {quantity}"] = Target(value, scale, own, limit, f"PTC, {slices} slices")
            betas = np.array([[row["betx"], row["bety"]] for row in self._places(block)])
            found[f"{group}: beta functions"] = Target(betas, betas, None, 1e-6, f"PTC, {self._slices()} slices")
        if self.name == "lhcb1":
            summary = self.data["madx"]["summary"]
            value = np.array([summary["q1"], summary["q2"]]) % 1.0
            found["exact: tunes"] = Target(value, np.ones(2), None, tune_limit, "MAD-X")
        return found

    def _tunes(self, block: str, derivative: bool) -> NDArray[np.float64] | None:
        """(2,) fractional tunes, or their derivatives by delta; phase advances of a beam line."""
        if "nonlin" in self.data[block]:
            table, names = self.data[block]["nonlin"], ("q1_p", "q2_p") if derivative else ("q1", "q2")
        else:
            table, names = self.data[block]["summary"], ("dq1", "dq2") if derivative else ("q1", "q2")
        if self.initial and derivative:
            return None
        value = np.array([table[name] for name in names])
        return value if derivative else value % 1.0

    def _maps(self) -> dict[str, Target]:
        found = {}
        for group, block, finer in (
            ("exact", "ptc_map", "ptc_nst40_map"), ("expanded", "ptc_map_expanded", "ptc_nst40_map_expanded"),
        ):  # fmt: skip
            if block not in self.data:
                continue
            coarse = self._terms(block)
            fine = self._terms(finer) if finer in self.data else None
            for order, limit in ((1, 1e-8), (2, 1e-7), (3, 1e-5)):
                value = stacked(coarse, order)
                scale = row_scale(value)
                if fine is None:
                    source = f"PTC, {self._slices()} slices"
                    found[f"{group}: map, order {order}"] = Target(value, scale, None, None, source)
                    continue
                high = stacked(fine, order)
                change = (high - value) * (LINEAR if order < 3 else NONLINEAR)
                own = float((np.abs(change) / scale).max()) * (1.0 if order < 3 else NONLINEAR)
                value = high if order < 3 else high + change
                source = "PTC, 40 slices" if order < 3 else "PTC, limit of 10 and 40 slices"
                found[f"{group}: map, order {order}"] = Target(value, scale, own, limit, source)
        return found

    def _tracks(self) -> dict[str, Target]:
        found = {}
        for block in self.data:
            group = "rf" if block.startswith("rf_on") else "exact"
            plain = block.removeprefix("rf_on_")
            if not plain.startswith("ptc_track_") or plain.endswith("time_false"):
                continue
            turns = self.data[block]["turns"]
            finer = f"ptc_nst40_track_{turns}" if group == "exact" else ""
            coarse = self.final(block)
            if finer in self.data:
                value = self.final(finer)
                change = np.abs(value - coarse)
                scale, limit, source = np.maximum(1e-11, change / 10.0), 1.0, "PTC, 40 slices"
                own = float((change * NONLINEAR / scale).max())
            else:
                value, scale, limit, own = coarse, np.full_like(coarse, 1e-11), None, None
                source = f"PTC, {self._slices()} slices"
            found[f"{group}: {turns} turns"] = Target(value, scale, own, limit, source)
        return found

    def start(self, block: str) -> NDArray[np.float64]:
        """(particles, 6) initial coordinates of a tracking block in (x, px, y, py, zeta, pzeta)."""
        return self._converted(np.array(self.data[block]["initial"]))

    def final(self, block: str) -> NDArray[np.float64]:
        """(particles, 6) final coordinates of a tracking block in (x, px, y, py, zeta, pzeta)."""
        return self._converted(np.array(self.data[block]["final"])[:, 2:8])

    def positions(self, group: str) -> NDArray[np.float64]:
        """Positions [m] of the Twiss rows."""
        return np.array([row["s"] for row in self._places(OPTICS[group])])

    def _places(self, block: str) -> list[dict[str, Any]]:
        """Twiss rows at elements; MAD-X marks the ends of nested sequences too, as NAME$start and NAME$end."""
        return [row for row in self.data[block]["twiss"] if "$" not in row["name"] or row["s"] == 0.0]

    def _converted(self, coordinates: NDArray[np.float64]) -> NDArray[np.float64]:
        return coordinates * np.array([1.0, 1.0, 1.0, 1.0, self.beta0, 1.0 / self.beta0])

    def _slices(self) -> int:
        return 3 if self.name == "lhcb1" else 10

    def _terms(self, block: str) -> Terms:
        """A PTC map; its fifth variable is pt and its sixth is -t, as rows and as variables."""
        terms: Terms = {}
        for row, nx, npx, ny, npy, npt, nt, value in self.data[block]["terms"]:
            to = {5: 5, 6: 4}.get(row, row - 1)
            sign = (-1.0) ** (nt + (to == 4))
            terms.setdefault((nx, npx, ny, npy, nt, npt), np.zeros(6))[to] = sign * value
        return from_canonical_time(terms, self.beta0)

    def _matrix(self, block: str) -> NDArray[np.float64]:
        """(6, 6) first-order part of a PTC map."""
        terms = self._terms(block)
        return np.array([terms.get(tuple(row), np.zeros(6)) for row in np.eye(6, dtype=int).tolist()]).T
