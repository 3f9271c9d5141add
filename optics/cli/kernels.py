"""Compile the kernels that a command needs, with progress on stderr when it takes a while."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from threading import Timer
from typing import Any

import click
import numpy as np

from optics.maps import map_descriptor, pack_with_knobs
from tpsa import Descriptor, gmath
from tracking.engine_taylor import propagate
from tracking.line import Line

PATIENCE = 1.5  # seconds; loading from the cache takes less
MESSAGE = "compiling kernels (first run only, kept on disk)"


def compile_kernels(line: Line, knobs: Sequence[str] = ()) -> None:
    """Run everything that numba compiles once, on as little as possible: compiled, or loaded from the disk cache."""
    descriptor = map_descriptor(1, knobs)
    with _progress():
        propagate(pack_with_knobs(line.with_settings(slices=1), descriptor, knobs), descriptor, np.zeros(6))
        delta = Descriptor(1, 1).variable(0, 1.0)
        gmath.sqrt(delta * delta)


@contextmanager
def _progress() -> Iterator[None]:
    """Spinner with elapsed time on a terminal, one line elsewhere; nothing when it is over soon."""
    shown: list[Any] = []

    def show() -> None:
        if not sys.stderr.isatty():
            click.echo(MESSAGE + " ...", err=True)
            return
        from rich.console import Console
        from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

        progress = Progress(
            SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn(),
            console=Console(stderr=True), transient=True,
        )  # fmt: skip
        progress.add_task(MESSAGE, total=None)
        progress.start()
        shown.append(progress)

    timer = Timer(PATIENCE, show)
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
        timer.join()
        for progress in shown:
            progress.stop()
