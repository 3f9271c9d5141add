"""Compile the kernels that a command needs, with progress on stderr when it takes a while."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Timer
from typing import Any

import click
import numpy as np

from optics.linear_pass import FIRST_ORDER
from optics.maps import map_descriptor
from tracking.elements import Drift
from tracking.engine_taylor import propagate
from tracking.expressions import Expression
from tracking.knobs import Knobs
from tracking.line import Line
from tracking.pack import pack

PATIENCE = 1.5  # seconds; loading from the cache takes less
MESSAGE = "compiling kernels (first run only, kept on disk)"


def compile_kernels(line: Line, with_knobs: bool = False) -> None:
    """Run the Taylor engine over one drift, which compiles it for every element or loads it from the disk cache."""
    with _progress():
        drift = Line([Drift(length=1.0)], ["drift"], line.reference)
        propagate(pack(drift), FIRST_ORDER, np.zeros(6))
        if with_knobs:
            knob = Line([Drift(length=Expression.parse("l"))], ["drift"], line.reference, Knobs({"l": 1.0}))
            descriptor = map_descriptor(1, ("l",))
            propagate(pack(knob, {"l": descriptor.parameter(0, 1.0)}), descriptor, np.zeros(6))


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
