"""What every command that takes a lattice FILE shares: its flags, loading, slicing, exit codes."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from pathlib import Path
from time import perf_counter
from typing import Any

import click

from optics.errors import OpticsError
from optics.initial import InitialOptics
from optics.slicing import converge_slices
from tracking.errors import InputError
from tracking.io.madx import load_madx
from tracking.line import Line

PHYSICS_FAILURE, BAD_INPUT = 1, 2

_FLAGS = (
    click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path)),
    click.option("--sequence", metavar="S", help="Sequence to use; needed only when the file has several."),
    click.option("--model", type=click.Choice(["exact", "expanded"]), default="exact", show_default=True),
    click.option(
        "--fringe", type=click.Choice(["none", "dipole", "all"]), default="dipole", show_default=True,
        help="Hard-edge fringe fields.",
    ),
    click.option(
        "--slices", type=click.IntRange(min=1), metavar="N",
        help="Slices per thick magnet.  [default: as many as bring the tunes to 1e-10]",
    ),
    click.option(
        "--integrator", type=click.Choice(["2", "4", "6", "8"]), default="6", show_default=True,
        help="Order of the symplectic integrator.",
    ),
    click.option("--rf/--no-rf", default=None, help="Cavities on or off.  [default: as in the file]"),
    click.option("--set", "knobs", metavar="KNOB=VALUE", multiple=True, help="Set a knob; repeatable."),
    click.option("--start", metavar="NAME", help="First element of the part of the line to use."),
    click.option("--end", metavar="NAME", help="Last element of the part of the line to use."),
    click.option(
        "--unknown", type=click.Choice(["error", "drift"]), default="error", show_default=True,
        help="What becomes of elements without a map.",
    ),
    click.option(
        "--overlap", type=click.FloatRange(min=0.0), metavar="M",
        help="By how much elements of a sequence may overlap [m]; MAD-X allows 1e-6.  [default: 1e-9]",
    ),
    click.option("--json", "json_path", metavar="-|PATH", help="Write JSON to stdout (-) or to a file."),
)  # fmt: skip


@dataclass
class Seconds:
    """Wall-clock time of the stages of a command [s]."""

    load: float = 0.0
    compile: float = 0.0
    compute: float = 0.0


@dataclass(frozen=True)
class Lattice:
    """The flags of a lattice command, as given."""

    file: Path
    sequence: str | None
    model: str
    fringe: str
    slices: int | None
    integrator: str
    rf: bool | None
    knobs: tuple[str, ...]
    start: str | None
    end: str | None
    unknown: str
    overlap: float | None

    def load(self) -> Line:
        """Read the file and apply all flags but the number of slices."""
        allowed = {} if self.overlap is None else {"overlap": self.overlap}
        line = load_madx(self.file, sequence=self.sequence, unknown=self.unknown, **allowed)
        line = line.with_settings(model=self.model, fringe=self.fringe, integrator=int(self.integrator), rf=self.rf)
        if self.knobs:
            line = line.with_knobs(dict(_setting(item) for item in self.knobs))
        if self.start is not None or self.end is not None:
            line = line[self.start : self.end]
        return line

    def sliced(self, line: Line, initial: InitialOptics | None = None) -> Line:
        """The line with the slices asked for, or with as many as its tunes need."""
        if self.slices is not None:
            return line.with_settings(slices=self.slices)
        slicing = converge_slices(line, initial=initial)
        message = f"slices: {slicing.slices} (tunes within {slicing.error:.1g})"
        click.echo(message if slicing.converged else f"warning: {message}, which misses 1e-10", err=True)
        return slicing.line


def lattice_command(name: str) -> Callable[[Callable[..., None]], click.Command]:
    """Decorator: a click command with the lattice flags, whose typed errors become messages and exit codes.

    The function gets a `Lattice`, the JSON path (or None) and its own options.
    """

    def decorate(function: Callable[..., None]) -> click.Command:
        @wraps(function)
        def command(json_path: str | None, **options: Any) -> None:
            flags = {field: options.pop(field) for field in Lattice.__dataclass_fields__}
            _with_exit_codes(lambda: function(Lattice(**flags), json_path, **options))

        for flag in reversed(_FLAGS):
            command = flag(command)
        return click.command(name)(command)

    return decorate


def _with_exit_codes(action: Callable[[], None]) -> None:
    try:
        action()
    except OpticsError as error:
        click.echo(f"error: {error}", err=True)
        sys.exit(PHYSICS_FAILURE)
    except BrokenPipeError:
        raise  # whoever reads our output has seen enough; click ends quietly
    except (InputError, OSError) as error:
        click.echo(f"error: {error}", err=True)
        sys.exit(BAD_INPUT)


def _setting(item: str) -> tuple[str, float]:
    name, equals, number = (part.strip() for part in item.partition("="))
    try:
        if not (name and equals):
            raise ValueError
        return name, float(number)
    except ValueError:
        raise click.BadParameter(f"{item!r}; expected KNOB=VALUE with a number", param_hint="--set") from None


class Stopwatch:
    """Context that adds the time spent inside to one stage of `Seconds`."""

    def __init__(self, seconds: Seconds, stage: str) -> None:
        self._seconds, self._stage = seconds, stage

    def __enter__(self) -> None:
        self._begin = perf_counter()

    def __exit__(self, *_: object) -> None:
        setattr(self._seconds, self._stage, getattr(self._seconds, self._stage) + perf_counter() - self._begin)
