"""4D Twiss along a ring with chromaticity, beside MAD-NG, PTC, MAD-X, xtrack and pyAT, all warm.

Every code runs its own model as a user gets it: ours, MAD-NG and PTC the exact one with Forest-Ruth and ten slices,
MAD-X matrices of whole elements, xtrack exact bodies with full edges, pyAT the expanded model with Forest-Ruth and ten
slices. ``error`` is the largest tune difference; ``chromaticity_error`` shows how far apart the models are.
"""

from __future__ import annotations

from pathlib import Path

import click

from benchmarks import common
from benchmarks.ours import TaylorBeam
from benchmarks.peers import Machine, PeerUnavailableError, connect

PEERS = ("madng", "ptc", "madx", "xtrack", "pyat")
TUNE_AGREEMENT = 1e-3  # ten slices, different models
SETTINGS = {"pyat": {"model": "expanded"}}  # compared, and timed, with the same model


def compare(case: common.Case, name: str, quick: bool) -> common.Row:
    """The row of one peer on one lattice."""
    ours = TaylorBeam(case.line, **SETTINGS.get(name, {}))
    with connect(name, Machine.of(case.path, case.line)) as peer:
        answer, theirs = ours.optics(), peer.optics()
        error = answer.tune_error(theirs)
        if not error < TUNE_AGREEMENT:
            raise click.ClickException(f"{case.name}: tunes of ours and {name} differ by {error:.3g}")
        seconds = common.interleaved(ours.optics_seconds, peer.optics_seconds, budget=1.0 if quick else 5.0)
    return common.row(
        case.name, "twiss", name, *seconds, error, chromaticity_error=answer.chromaticity_error(theirs)
    )  # fmt: skip


@click.command()
@common.options
def main(quick: bool, lattices: tuple[Path, ...], peers: str, json_path: Path | None) -> None:
    """4D Twiss with chromaticity beside five codes."""
    rows = []
    for path in lattices or (common.DEFAULT_LATTICE,):
        case = common.Case.read(path)
        for name in peers.split(",") if peers else PEERS:
            try:
                rows.append(compare(case, name, quick))
            except PeerUnavailableError as error:
                rows.append(common.absent(case.name, "twiss", name, str(error)))
    common.finish(rows, "twiss", quick, json_path)


if __name__ == "__main__":
    main()
