"""Accuracy beside stored reference numbers of PTC and MAD-X: ``python -m benchmarks.accuracy --references DIR``.

DIR holds NAME.madx and refs/NAME.ref.json. Each quantity is computed twice, with the slices of `SLICES` and with half
of them: the change, over 63 for the sixth-order integrator, estimates our own convergence error. A row says whether
that, the reference's own convergence or neither explains the difference.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import click
import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table

from benchmarks.common import RESULTS, environment
from benchmarks.references import Reference, Target
from benchmarks.terms import Terms, stacked, synchrotron_tune, terms_of
from optics import InitialOptics, TwissResult, edwards_teng, one_turn_map, one_turn_matrix, transfer_map, twiss
from tracking import track
from tracking.io.madx import load_madx
from tracking.line import Line

SLICES = {"fodo_ring": 32, "spear3": 32, "ebs_cell": 32, "psb": 64, "elena": 32, "sps": 32, "esr": 32, "lhcb1": 16}
DEFAULT_SLICES = 32
SIXTH_ORDER = 1.0 / 63.0
ROUND_OFF = 1e-12


@dataclass(frozen=True)
class Ours:
    """Our numbers for one lattice and number of slices, under the names of `Reference.targets`."""

    line: Line
    reference: Reference
    slices: int

    def value(self, name: str) -> NDArray[np.float64]:
        """The quantity ``group: quantity``."""
        group, _, quantity = name.partition(": ")
        line = self.line_of(group)
        if quantity == "tunes":
            found = self.optics[group]
            return np.array([found.q1, found.q2]) % 1.0
        if quantity == "chromaticity":
            return np.array([self.optics[group].dq1, self.optics[group].dq2])
        if quantity == "beta functions":
            return betas_at(self.optics[group], self.reference.positions(group))
        if quantity.startswith("map"):
            return stacked(self.maps[group], int(quantity[-1]))
        if quantity == "synchrotron tune":
            return np.array([synchrotron_tune(one_turn_matrix(line, dim=6))])
        turns = int(quantity.split()[0])
        block = f"ptc_track_{turns}" if group == "exact" else f"rf_on_ptc_track_{turns}"
        return track(line, self.reference.start(block), turns=turns).coordinates

    def line_of(self, group: str) -> Line:
        """The line with the settings of a group: exact, expanded or rf."""
        model = "expanded" if group == "expanded" else "exact"
        return self.line.with_settings(
            model=model, fringe="dipole", integrator=6, split="drift-kick", slices=self.slices, rf=group == "rf"
        )

    @cached_property
    def optics(self) -> dict[str, TwissResult]:
        """Twiss of the models that the references have."""
        start = self.reference.initial
        initial = None if start is None else InitialOptics(**start)
        return {group: twiss(self.line_of(group), initial=initial) for group in self._groups("tunes")}

    @cached_property
    def maps(self) -> dict[str, Terms]:
        """Third-order maps about the closed orbit; about the reference orbit for a beam line."""
        found = {}
        for group in self._groups("map, order 1"):
            line = self.line_of(group)
            ring = self.reference.initial is None
            found[group] = terms_of(one_turn_map(line, 3) if ring else transfer_map(line, 3, orbit=np.zeros(6)))
        return found

    def _groups(self, quantity: str) -> list[str]:
        return [name.partition(":")[0] for name in self.reference.targets() if name.endswith(quantity)]


def betas_at(found: TwissResult, positions: NDArray[np.float64]) -> NDArray[np.float64]:
    """(places, 2) Edwards-Teng beta functions, which PTC reports, at element exits given by position [m]."""
    functions = edwards_teng(found)
    rows = np.abs(found.s[:, None] - positions).argmin(axis=0)
    if np.abs(found.s[rows] - positions).max() > 1e-6:
        raise ValueError(f"no element ends at {positions[np.abs(found.s[rows] - positions).argmax()]} m in our line")
    return np.column_stack([functions.betx[rows], functions.bety[rows]])


def judged(difference: float, ours: float, target: Target) -> str:
    """What sets a difference: ours, the reference, round-off, or neither estimate explains it."""
    reference = target.own_error
    if difference < ROUND_OFF:
        return "round-off"
    if reference is None:
        return "ours" if ours >= 0.3 * difference else "reference (one slicing)"
    if difference <= 10.0 * max(ours, reference):
        return "ours" if ours > reference else "reference"
    return "unexplained"


def compare(folder: Path, name: str) -> list[dict[str, Any]]:
    """Rows of one lattice."""
    reference = Reference(folder / "refs" / f"{name}.ref.json")
    line = load_madx(folder / f"{name}.madx", sequence=reference.sequence)
    slices = SLICES.get(name, DEFAULT_SLICES)
    fine, coarse = Ours(line, reference, slices), Ours(line, reference, slices // 2)
    rows = []
    for quantity, target in reference.targets().items():
        value = fine.value(quantity)
        difference = float((np.abs(value - target.value) / target.scale).max())
        own = float((np.abs(value - coarse.value(quantity)) / target.scale).max()) * SIXTH_ORDER
        rows.append({
            "lattice": name, "quantity": quantity, "reference": target.source, "slices": slices,
            "difference": difference, "limit": target.limit, "our_error": own, "reference_error": target.own_error,
            "agrees": None if target.limit is None else difference <= target.limit,
            "set_by": judged(difference, own, target),
        })  # fmt: skip
    return rows


@click.command()
@click.option(
    "--references", "folder", required=True, type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Folder with NAME.madx and refs/NAME.ref.json.",
)  # fmt: skip
@click.option("--only", default="", help="Comma-separated lattice names; all by default.")
@click.option("--json", "json_path", type=click.Path(path_type=Path), default=RESULTS / "accuracy.json")
def main(folder: Path, only: str, json_path: Path) -> None:
    """Compare every lattice with its reference numbers and store the rows."""
    names = only.split(",") if only else sorted(p.name.split(".")[0] for p in (folder / "refs").glob("*.ref.json"))
    where = environment()
    console = Console(width=150)
    stored = json.loads(json_path.read_text(encoding="utf-8")) if json_path.exists() else []
    for name in names:
        rows = compare(folder, name)
        table = Table("quantity", "difference", "limit", "agrees", "our error", "its error", "set by", title=name)
        for one in rows:
            keys = ("difference", "limit", "agrees", "our_error", "reference_error")
            numbers = [f"{v:.2g}" if isinstance(v, float) else str(v) for v in map(one.get, keys)]
            table.add_row(one["quantity"], *numbers, one["set_by"])
        console.print(table)
        stored = [old for old in stored if old["lattice"] != name] + [{**one, "machine": where} for one in rows]
        json_path.parent.mkdir(parents=True, exist_ok=True)
        json_path.write_text(json.dumps(stored, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
