"""Progress bar of tracking, on stderr."""

from __future__ import annotations

from time import perf_counter
from types import TracebackType
from typing import Any


class TrackingProgress:
    """Context with a bar of turns, turns per second, survivors and time left; silent unless `shown`."""

    def __init__(self, shown: bool, turns: int) -> None:
        self._shown, self._turns = shown, turns
        self._bar: Any = None

    def __enter__(self) -> TrackingProgress:
        if self._shown:
            from rich.console import Console
            from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

            self._bar = Progress(
                TextColumn("turns"), BarColumn(), MofNCompleteColumn(),
                TextColumn("{task.fields[rate]:.4g} turns/s"), TextColumn("{task.fields[alive]} alive"),
                TimeRemainingColumn(),
                console=Console(stderr=True),
            )  # fmt: skip
            self._task = self._bar.add_task("turns", total=self._turns, alive="all", rate=0.0)
            self._begin = perf_counter()
            self._bar.start()
        return self

    def update(self, turn: int, alive: int) -> None:
        """Show that `turn` turns are done."""
        if self._bar is not None:
            self._bar.update(self._task, completed=turn, alive=alive, rate=turn / (perf_counter() - self._begin))

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._bar is not None:
            self._bar.stop()
