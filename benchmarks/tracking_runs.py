"""Whole tasks of tracking: the run of a published table, and a dynamic aperture beside pyAT."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import click
import numpy as np

from benchmarks import common
from benchmarks.common import processor_timed, timed
from benchmarks.peers import Machine, PeerUnavailableError, connect
from optics import aperture_grid
from tracking.engine_float import track
from tracking.io.madx import load_madx
from tracking.pack import pack

PUBLISHED = {"jutrack": (3277.0, "one core"), "ptc": (5421.0, "one core"), "ptc on 14 cores": (529.0, "14 cores")}
"""Seconds of 1000 particles, 1000 turns and 10 slices in the EIC's electron storage ring, as published with JuTrack
(Table 1), on its authors' machine."""

APERTURE = {"model": "expanded", "fringe": "dipole", "integrator": 4, "split": "drift-kick", "slices": 4}
APERTURE_TURNS = 100


def paper_002(path: Path, turns: int = 1000, count: int = 1000) -> list[common.Row]:
    """Exact model, Forest-Ruth with 10 slices, cavities as in the file, one thread; really run once.

    Fewer turns, for a trial, are scaled and said so.
    """
    line = load_madx(path).with_settings(model="exact", integrator=4, slices=10, split="drift-kick")
    start = np.random.default_rng(1).standard_normal((count, 6)) * np.array([1e-5, 1e-6, 1e-5, 1e-6, 1e-5, 1e-5])
    packed = pack(line)
    track(packed, start, 1)
    common.say(f"{path.stem}: {count} particles, {turns} turns, one thread")
    results = []
    seconds = timed(lambda: results.append(track(packed, start, turns, progress=True)))()
    if not results[0].alive.all():
        raise click.ClickException(f"{path.stem}: {(~results[0].alive).sum()} of {count} particles are lost")
    scaled = {} if turns == 1000 else {"turns_run": turns}
    op = "1000 particles, 1000 turns, seconds in all"
    return [
        common.row(
            path.stem, op, f"{peer}, published", seconds * 1000 / turns, published, None, particles=count,
            published=f"JuTrack's Table 1, {cores}, its authors' machine", **scaled,
        )
        for peer, (published, cores) in PUBLISHED.items()
    ]  # fmt: skip


def aperture(case: common.Case, quick: bool, budget: float) -> common.Row:
    """Survival on a grid of initial positions beside pyAT: the same maps, slices, turns and particles.

    Seconds of the whole call; the error is the share of particles whose fate differs, which are those on the ragged
    border.
    """
    op = f"aperture grid, {APERTURE_TURNS} turns"
    line = case.line.with_settings(**APERTURE)
    x, y = np.linspace(-0.025, 0.025, 11 if quick else 41), np.linspace(0.0, 0.012, 6 if quick else 21)
    start = np.zeros((y.size, x.size, 6))
    start[..., 0], start[..., 2] = x, y[:, None]
    start = start.reshape(-1, 6)
    grid = partial(aperture_grid, line, x, y, turns=APERTURE_TURNS)
    common.say(f"{case.name}: {op}, pyat")
    try:
        with connect("pyat", Machine.of(case.path, case.line), slices=APERTURE["slices"]) as peer:
            end = peer.track(start, APERTURE_TURNS)
            theirs = np.isfinite(end).all(axis=1) & (np.abs(end[:, [0, 2]]) < 1.0).all(axis=1)
            ours = grid().survived.ravel()
            if not (0.1 < ours.mean() < 0.9 and np.mean(ours != theirs) < 0.02):
                return common.absent(case.name, op, "pyat", f"not timed: {np.mean(ours != theirs):.3g} differ in fate")
            theirs_timed = partial(peer.track_seconds, start, APERTURE_TURNS)
            seconds = common.interleaved(processor_timed(grid), theirs_timed, budget)
    except PeerUnavailableError as problem:
        return common.absent(case.name, op, "pyat", str(problem))
    error = float(np.mean(ours != theirs))
    return common.row(case.name, op, "pyat", *seconds, error, particles=len(start), turns=APERTURE_TURNS)
