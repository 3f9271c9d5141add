"""Particle tracking in floats: rows outside, blocks of particles inside, threads over blocks.

Tracking goes in segments of some turns. Within one, every block runs in compiled code; between two, monitors are fed,
checkpoints written and callbacks called. No result depends on how turns are cut into segments, on the number of threads
or on the order of the particles.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tpsa.wide import WIDTH
from tracking import checkpoint as checkpoints
from tracking.blocks import LARGEST, line_arrays, map_error, trace_rows, track_block
from tracking.errors import InputError
from tracking.line import Line
from tracking.monitor import COORDINATES, TurnMonitor
from tracking.pack import PackedLine, pack
from tracking.particle_rows import BLOCK, PARTICLE, SEED, empty_block
from tracking.progress import TrackingProgress
from tracking.track_result import CAUSES, TrackResult

__all__ = ["CAUSES", "TrackResult", "trace", "track"]

SEGMENT_SECONDS = 0.5  # about how long Ctrl-C and the progress bar may have to wait
MONITOR_BYTES = 64 << 20  # of coordinates kept between two segments, if one turn takes no more
Callback = Callable[[int, TrackResult], Any]


def track(
    line: Line | PackedLine,
    particles: ArrayLike,
    turns: int = 1,
    *,
    threads: int = 1,
    limits: Mapping[str, float] | None = None,
    monitors: Sequence[TurnMonitor] = (),
    checkpoint: str | Path | None = None,
    every: int | None = None,
    callback: Callback | None = None,
    callback_every: int = 1,
    knobs: Mapping[str, Callable[[int], float]] | None = None,
    progress: bool = False,
    seed: int = 0,
    numbers: ArrayLike | None = None,
) -> TrackResult:
    """Track particles through a line.

    Parameters
    ----------
    line : Line or PackedLine
    particles : (n, 6) or (6,) array
        Initial (x, px, y, py, zeta, pzeta) [m, 1, m, 1, m, 1].
    turns : int
        Passes through the line.
    threads : int
        Processor threads; the result is the same, bit by bit, for any number.
    limits : mapping, optional
        Largest magnitude of coordinates, such as ``{"x": 0.1}``, at every element's exit; no limits by default.
    monitors : sequence of TurnMonitor
        What to keep on the way.
    checkpoint : path, optional
        File that holds the state of the tracking. If it is there, tracking goes on from it.
    every : int, optional
        Turns between two checkpoints; by default, one is written at the end only.
    callback : callable, optional
        Called as ``callback(turn, result)`` after every `callback_every` turns; tracking ends if it returns True.
    knobs : mapping, optional
        Functions that give a knob's value in each turn, from 0. The line is packed anew in every turn, which takes some
        milliseconds per thousand elements.
    progress : bool
        Show a progress bar on stderr.
    seed : int
        Of quantum radiation, from 0 to 2^53. The draws of a particle follow from the seed, its number and the turn.
    numbers : (n,) array of int, optional
        Numbers of the particles, from 0 to 2^53; their places in `particles` by default. With their numbers, parts of
        an ensemble can be tracked apart from each other to the same results.

    Returns
    -------
    TrackResult
        A particle is lost where at an element's exit its coordinates are not finite, it is outside of the aperture, or
        beyond the limits. After Ctrl-C, the particles as they were after the last whole segment.

    Raises
    ------
    InputError
        If the array has another shape, an initial coordinate is not finite, a number is out of range, or the checkpoint
        is damaged or belongs to another line or start.
    MapError
        If a user's map raises an error.
    """
    packed = line if isinstance(line, PackedLine) else pack(line)
    _require("turns", turns, 0)
    for name, value in (("threads", threads), ("every", every), ("callback_every", callback_every)):
        if value is not None:
            _require(name, value, 1)
    if knobs and isinstance(line, PackedLine):
        raise InputError("track: knobs given with a PackedLine; expected a Line, whose knobs can still change")
    if turns > 1 and packed.accelerates:
        raise InputError(
            f"track: turns = {turns}; the reference particle enters with p0c = {packed.reference.p0c:.9g} eV and "
            f"leaves with {packed.references[-1].p0c:.9g} eV; expected 1 turn, or another change of energy back"
        )
    _require("seed", seed, 0)
    columns = _columns(particles)
    run = _Run(packed, columns, largest_coordinates(limits), tuple(monitors), seed, _numbers(numbers, columns.shape[1]))
    saved = _Checkpoints(Path(checkpoint), every, run) if checkpoint is not None else None
    if run.turn > turns:
        raise InputError(f"track: turns = {turns}; the checkpoint {checkpoint} is at turn {run.turn} already")
    with TrackingProgress(progress, turns) as bar, ThreadPoolExecutor(threads) as pool:
        try:
            while run.turn < turns:
                periods = [every if saved else None, callback_every if callback else None, 1 if knobs else None]
                if knobs:
                    run.line = line_arrays(pack(line, {name: float(f(run.turn)) for name, f in knobs.items()}))
                run.segment(_next_stop(run.turn, turns, periods), threads, pool.map if threads > 1 else map)
                bar.update(run.turn, int(run.alive.sum()))
                if saved and (run.turn == turns or every and run.turn % every == 0):
                    saved.write()
                if callback and run.turn % callback_every == 0 and callback(run.turn, run.result()) is True:
                    break
        except KeyboardInterrupt:
            pool.shutdown(cancel_futures=True)
    return run.result()


def trace(packed: PackedLine, start: ArrayLike, observe: ArrayLike) -> NDArray[np.float64]:
    """Coordinates of one particle before each of the given rows; not finite from where it is lost.

    Parameters
    ----------
    packed : PackedLine
    start : (6,) array
    observe : (m,) array of int
        Ascending row numbers; the number of rows itself stands for the end of the line.

    Returns
    -------
    (m, 6) array
    """
    return trace_rows(packed, np.asarray(start, dtype=np.float64), np.asarray(observe, dtype=np.int64))


class _Run:
    """Particles on their way: coordinates (6, n), losses (3, n) and the number of turns done."""

    def __init__(
        self,
        packed: PackedLine,
        columns: NDArray,
        limits: NDArray,
        monitors: tuple[TurnMonitor, ...],
        seed: int,
        numbers: NDArray,
    ) -> None:
        self.packed, self.limits, self.monitors, self.seed, self.numbers = packed, limits, monitors, seed, numbers
        self.line = line_arrays(packed)
        self.columns, self.turn = columns, 0
        self.losses = np.tile(np.array([[-1], [-1], [0]]), (1, columns.shape[1]))
        self.places = [monitor.begin(packed, columns.shape[1]) for monitor in monitors]
        self.observed = np.unique(np.concatenate([np.zeros(0, dtype=np.int64), *self.places]))
        self.place_slot = np.full(packed.s.size, -1)
        self.place_slot[self.observed] = np.arange(self.observed.size)
        self.speed = 1e9 / max(1, packed.n_rows * columns.shape[1])  # turns per second, a first guess

    @property
    def alive(self) -> NDArray[np.bool_]:
        return self.losses[2] == 0

    def segment(self, stop: int, threads: int, mapping: Callable) -> None:
        """Track up to turn `stop`, or as far as time and memory of one segment allow; nothing changes on Ctrl-C."""
        kept, turn_slot = self._turns(stop)
        n = self.columns.shape[1]
        seen = np.full((len(kept), self.observed.size, 6, n), np.nan)
        living = np.flatnonzero(self.alive)
        size = _block_size(living.size, threads)
        parts = [living[i : i + size] for i in range(0, living.size, size)]
        begin = perf_counter()
        done = list(mapping(lambda which: self._block(which, turn_slot, seen), parts))
        self.speed = turn_slot.size / max(perf_counter() - begin, 1e-9)
        for which, (coordinates, losses) in zip(parts, done, strict=True):
            self.columns[:, which] = coordinates
            self.losses[:, which] = losses
        self.turn += turn_slot.size
        self._feed(kept, seen)

    def _turns(self, stop: int) -> tuple[list[int], NDArray[np.int64]]:
        """Turns of the next segment that monitors want, and the place of each turn among them, -1 for none."""
        room = max(1, MONITOR_BYTES // max(1, 48 * self.observed.size * self.columns.shape[1]))
        longest = max(1, int(min(self.speed * SEGMENT_SECONDS, stop - self.turn)))
        kept: list[int] = []
        slots = []
        for turn in range(self.turn, self.turn + longest):
            wanted = any(monitor.wants(turn) for monitor in self.monitors)
            if wanted and len(kept) == room:
                break
            slots.append(len(kept) if wanted else -1)
            kept += [turn] * wanted
        return kept, np.array(slots, dtype=np.int64)

    def _block(self, which: NDArray, turn_slot: NDArray, seen: NDArray) -> tuple[NDArray, NDArray]:
        filled = np.full(BLOCK, which[0])
        filled[: which.size] = which
        block = empty_block()
        block[:6], block[PARTICLE], block[SEED] = self.columns[:, filled], self.numbers[filled], self.seed
        final, losses, failed = track_block(
            block, which.size, self.line, self.turn, self.limits, turn_slot, self.place_slot, which, seen
        )
        if failed >= 0:
            raise map_error(self.packed, failed)
        return final, losses

    def _feed(self, kept: list[int], seen: NDArray) -> None:
        for monitor, places in zip(self.monitors, self.places, strict=True):
            mine = [k for k, turn in enumerate(kept) if monitor.wants(turn)]
            if mine:
                monitor.add(np.array(kept, dtype=np.int64)[mine], seen[mine][:, self.place_slot[places]])

    def result(self) -> TrackResult:
        alive = self.alive
        lost_s = np.where(alive, np.nan, self.packed.s[self.losses[1] + 1])
        turn, element, cause = self.losses.copy()
        return TrackResult(self.columns.T.copy(), alive, turn, element, cause, lost_s, self.turn)


class _Checkpoints:
    """The checkpoint file of a run, which continues from it where it is there."""

    def __init__(self, path: Path, every: int | None, run: _Run) -> None:
        self.path, self.run = path, run
        self.key = checkpoints.digest(run.packed, run.columns, run.limits, np.array(run.seed), run.numbers)
        if path.exists():
            arrays = checkpoints.load(path, self.key)
            run.columns, run.losses, run.turn = arrays["coordinates"], arrays["losses"], int(arrays["turn"])
            for k, monitor in enumerate(run.monitors):
                prefix = f"monitor{k}."
                monitor.restore({n.removeprefix(prefix): a for n, a in arrays.items() if n.startswith(prefix)})

    def write(self) -> None:
        run = self.run
        arrays = {"coordinates": run.columns, "losses": run.losses, "turn": np.array(run.turn)}
        for k, monitor in enumerate(run.monitors):
            arrays |= {f"monitor{k}.{name}": array for name, array in monitor.state().items()}
        checkpoints.save(self.path, self.key, arrays)


def _block_size(particles: int, threads: int) -> int:
    """Particles of a block, so that all threads have as many blocks, of whole wide numbers."""
    blocks = max(1, -(-particles // (BLOCK * threads))) * threads
    return -(-particles // (blocks * WIDTH)) * WIDTH or WIDTH


def _next_stop(turn: int, turns: int, periods: Sequence[int | None]) -> int:
    """First turn after `turn` that is the last one or a multiple of a period."""
    return min([turns, *(turn - turn % period + period for period in periods if period)])


def _columns(particles: ArrayLike) -> NDArray[np.float64]:
    z = np.array(particles, dtype=np.float64, ndmin=2)
    if z.ndim != 2 or z.shape[1] != 6:
        raise InputError(f"track: particles of shape {np.shape(particles)}; expected (n, 6) or (6,)")
    if not np.isfinite(z).all():
        bad = int(np.argwhere(~np.isfinite(z))[0, 0])
        raise InputError(f"track: particle {bad} has a coordinate that is not finite; expected finite numbers")
    return np.ascontiguousarray(z.T)


def _numbers(numbers: ArrayLike | None, particles: int) -> NDArray[np.int64]:
    found = np.arange(particles) if numbers is None else np.asarray(numbers)
    if found.shape != (particles,) or found.dtype.kind not in "iu" or np.any((found < 0) | (found > 2**53)):
        raise InputError(f"track: numbers = {numbers!r}; expected {particles} integers from 0 to 2^53, one each")
    return found.astype(np.int64)


def largest_coordinates(limits: Mapping[str, float] | None) -> NDArray[np.float64]:
    """(6,) limits of `track` as numbers.

    Raises
    ------
    InputError
        If a name is no coordinate or a limit no positive number.
    """
    found = np.full(6, LARGEST)
    for name, value in (limits or {}).items():
        if name not in COORDINATES or not value > 0:
            raise InputError(f"track: limits {name!r} = {value!r}; expected a positive number for one of {COORDINATES}")
        found[COORDINATES.index(name)] = min(float(value), LARGEST)
    return found


def _require(name: str, value: int, least: int) -> None:
    if isinstance(value, bool) or not isinstance(value, (int, np.integer)) or value < least:
        raise InputError(f"track: {name} = {value!r}; expected an integer of at least {least}")
