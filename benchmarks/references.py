"""Reference numbers of other codes, read from NAME.ref.json files (MAD-X and PTC).

Blocks used: ``madx``, ``ptc_*_time_false`` (normal form and Twiss, powers of delta), ``ptc_map*`` (Taylor map about the
closed orbit) and ``ptc_track_N``; ``ptc_nst40_*`` are the same with 40 slices instead of 10, ``rf_on_*`` with cavities
on. PTC's matrix-kick methods converge at sixth order in linear optics, chromaticity and map terms of orders 1 and 2,
but only as 1/nst^2 in higher terms; there 10 and 40 slices are extrapolated to the limit (16 v40 - v10)/15.
"""

from __future__ import annotations

import itertools
import json
from dataclasses import dataclass, replace
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
    limit : float or None
        Largest difference over scale that counts as agreement; None for information only.
    source : str
    change : array or None
        Change of the value from 10 to 40 slices; None where the reference has one number of slices only.
    remaining : float
        Part of `change` that is left as error of `value`.
    """

    value: NDArray[np.float64]
    scale: NDArray[np.float64]
    limit: float | None
    source: str
    change: NDArray[np.float64] | None = None
    remaining: float = 1.0

    @property
    def own_error(self) -> float | None:
        """Estimated largest error of the reference over scale."""
        return None if self.change is None else float((np.abs(self.change) / self.scale).max()) * self.remaining


class Reference:
    """The references of one lattice; `targets` has one entry per quantity that they hold."""

    def __init__(self, path: Path) -> None:
        self.data: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        self.name: str = self.data["meta"]["name"]
        self.sequence: str = self.data["meta"]["sequence"]
        self.initial: dict[str, float] | None = self.data["meta"]["initial"]
        self.beta0: float = self.data["madx"]["beam"]["beta"]
        self.few = f"PTC, {3 if self.name == 'lhcb1' else 10} slices"

    def targets(self) -> dict[str, Target]:
        """Targets by ``group: quantity``.

        What PTC computed with 10 slices only gets the change of the exact model's value as its error, if there is one.
        """
        found = {**self._tunes(), **self._betas(), **self._maps(), **self._tracks()}
        if "rf_on_ptc_map" in self.data:
            tune = synchrotron_tune(self._matrix("rf_on_ptc_map"))
            found["rf: synchrotron tune"] = Target(np.array([tune]), np.ones(1), 1e-9, self.few)
        for name, target in found.items():
            twin = found.get(f"exact: {name.partition(': ')[2]}")
            if target.change is None and twin is not None:
                found[name] = replace(target, change=twin.change)
        return found

    def _tunes(self) -> dict[str, Target]:
        """Fractional tunes (phase advances of a beam line) and, of rings, their derivatives by delta."""
        converged = "ptc_nst40_time_false" in self.data
        limits = {
            "tunes": {"sps": 1e-7, "esr": 1e-6, "lhcb1": 1e-6}.get(self.name, 1e-9),
            "chromaticity": 1e-6 if converged else 1e-4,
        }
        found = {}
        for group, quantity in itertools.product(OPTICS, limits):
            if OPTICS[group] not in self.data or (self.initial and quantity == "chromaticity"):
                continue
            value, change, source = self._numbers(OPTICS[group], quantity), None, self.few
            if converged and group == "exact":
                fine = self._numbers("ptc_nst40_time_false", quantity)
                value, change, source = fine, fine - value, "PTC, 40 slices"
            scale = np.ones(2) if quantity == "tunes" else np.maximum(1.0, np.abs(value))
            found[f"{group}: {quantity}"] = Target(value, scale, limits[quantity], source, change, LINEAR)
        if self.name == "lhcb1":
            summary = self.data["madx"]["summary"]
            value = np.array([summary["q1"], summary["q2"]]) % 1.0
            found["exact: tunes"] = Target(value, np.ones(2), limits["tunes"], "MAD-X")
        return found

    def _numbers(self, block: str, quantity: str) -> NDArray[np.float64]:
        names = ("q1", "q2") if quantity == "tunes" else ("q1_p", "q2_p")
        table = self.data[block].get("nonlin") or self.data[block]["summary"]
        value = np.array([table[name] for name in names])
        return value % 1.0 if quantity == "tunes" else value

    def _betas(self) -> dict[str, Target]:
        found = {}
        for group, block in OPTICS.items():
            if block in self.data:
                betas = np.array([[row["betx"], row["bety"]] for row in self._places(block)])
                found[f"{group}: beta functions"] = Target(betas, betas, 1e-6, self.few)
        return found

    def _maps(self) -> dict[str, Target]:
        found = {}
        for group, block in (("exact", "ptc_map"), ("expanded", "ptc_map_expanded")):
            if block not in self.data:
                continue
            coarse = self._terms(block)
            fine = self._terms("ptc_nst40_map") if group == "exact" and "ptc_nst40_map" in self.data else None
            for order, limit in ((1, 1e-8), (2, 1e-7), (3, 1e-5)):
                name, low = f"{group}: map, order {order}", stacked(coarse, order)
                if fine is None:
                    found[name] = Target(low, row_scale(low), None, self.few)
                    continue
                high = stacked(fine, order)
                change, scale = high - low, row_scale(high)
                if order < 3:
                    found[name] = Target(high, scale, limit, "PTC, 40 slices", change, LINEAR)
                else:
                    value, source = high + NONLINEAR * change, "PTC, limit of 10 and 40 slices"
                    found[name] = Target(value, scale, limit, source, change, NONLINEAR**2)
        return found

    def _tracks(self) -> dict[str, Target]:
        found = {}
        for prefix, group in (("ptc_track_", "exact"), ("rf_on_ptc_track_", "rf")):
            for turns in (1, 10, 100):
                if f"{prefix}{turns}" not in self.data:
                    continue
                coarse, finer = self.final(f"{prefix}{turns}"), f"ptc_nst40_track_{turns}"
                if group == "exact" and finer in self.data:
                    fine = self.final(finer)
                    scale = np.maximum(1e-11, np.abs(fine - coarse) / 10.0)
                    target = Target(fine, scale, 1.0, "PTC, 40 slices", fine - coarse, NONLINEAR)
                else:
                    target = Target(coarse, np.full_like(coarse, 1e-11), None, self.few)
                found[f"{group}: {turns} turns"] = target
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
