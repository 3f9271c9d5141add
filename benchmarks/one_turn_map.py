"""One-turn Taylor maps of whole rings beside MAD-NG and PTC.

All three track the exact model with Forest-Ruth and ten slices of every magnet. MAD-NG gets our splitting, so the
answers agree to round-off. Its bends lose up to 2e-11 m at radii of 18 km, which leaves 2e-8 to 1e-5 on the LHC. PTC
splits bends into curved drifts and kicks, and its disagreement is that of the two splittings. MAD-NG is timed on the
map alone, with its own clock in its own process; PTC on PTC_NORMAL: closed orbit and map.
"""

from __future__ import annotations

from functools import partial
from pathlib import Path

import click

from benchmarks import common
from benchmarks.ours import TaylorBeam
from benchmarks.peers import Machine, PeerUnavailableError, connect
from benchmarks.terms import map_error

ORDERS = {"madng": (1, 2, 3, 4, 5, 6), "ptc": (1, 2, 3)}
AGREEMENT = {"madng": 1e-5, "ptc": 2e-2}  # largest error that lets a timing stand
OPERATION = {"madng": "map, order {}", "ptc": "closed orbit and map, order {}"}


def compare(case: common.Case, name: str, ours: TaylorBeam, orders: tuple[int, ...], budget: float) -> list[common.Row]:
    """Rows of one peer on one lattice."""
    sample = ours.map_seconds if name == "madng" else ours.call_seconds
    rows = []
    with connect(name, Machine.of(case.path, case.line)) as peer:
        for order in orders:
            error = map_error(ours.one_turn_map(order), peer.one_turn_map(order, ours.orbit), order)
            if not error < AGREEMENT[name]:
                raise click.ClickException(
                    f"{case.name}, order {order}: maps of ours and {name} differ by {error:.3g}, more than "
                    f"{AGREEMENT[name]:g}; a timing would compare different work"
                )
            seconds = common.interleaved(partial(sample, order), partial(peer.map_seconds, order, ours.orbit), budget)
            rows.append(common.row(case.name, OPERATION[name].format(order), name, *seconds, error, order=order))
    return rows


@click.command()
@common.options
def main(quick: bool, lattices: tuple[Path, ...], peers: str, json_path: Path | None) -> None:
    """One-turn Taylor maps, orders 1 to 6, beside MAD-NG and PTC (to order 3)."""
    chosen = peers.split(",") if peers else list(ORDERS)
    rows = []
    for path in lattices or (common.DEFAULT_LATTICE,):
        case = common.Case.read(path)
        ours = TaylorBeam(case.line)
        for name in chosen:
            orders = ORDERS[name][:3] if quick else ORDERS[name]
            try:
                rows += compare(case, name, ours, orders, budget=0.5 if quick else 3.0)
            except PeerUnavailableError as error:
                rows.append(common.absent(case.name, "map", name, str(error)))
    common.finish(rows, "one_turn_map", quick, json_path)


if __name__ == "__main__":
    main()
