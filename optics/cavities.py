"""Whether cavities act: which dimension the optics of a line has."""

from __future__ import annotations

from typing import Any

from tracking.elements import CrabCavity, RFCavity, RFMultipole
from tracking.errors import InputError
from tracking.line import Line


def orbit_dimension(line: Line, dim: int | None = None) -> int:
    """`dim` checked, or where it is None: 6 for a line with a powered accelerating cavity, else 4."""
    if dim not in (None, 4, 6):
        raise InputError(f"dim = {dim!r}; expected 4 (fixed pzeta, cavities off) or 6 (cavities on)")
    return dim or (6 if has_accelerating_voltage(line) else 4)


def has_accelerating_voltage(line: Line) -> bool:
    """Whether a cavity that bunches the beam (no crab cavity or rf multipole) has a voltage and is switched on."""
    return any(not isinstance(cavity, (CrabCavity, RFMultipole)) for cavity in _powered(line))


def without_rf(line: Line) -> Line:
    """The line with the voltage of every cavity off, and no radiation; itself where neither is on."""
    choices: dict[str, Any] = {"rf": False} if _powered(line) else {}
    if line.settings.radiation != "none":
        choices["radiation"] = "none"
    return line.with_settings(**choices) if choices else line


def _powered(line: Line) -> list[RFCavity]:
    elements = line.resolve()
    kinds = {kind for kind in set(map(type, elements)) if issubclass(kind, RFCavity)}
    cavities = [element for element in elements if type(element) in kinds] if kinds else []
    return [cavity for cavity in cavities if cavity.volt != 0.0 and line.settings.override(**cavity.settings).rf]
