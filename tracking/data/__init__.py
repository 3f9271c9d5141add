"""Lattice files that come with the package."""

from __future__ import annotations

from pathlib import Path

from tracking.errors import InputError


def lattice_path(name: str) -> Path:
    """Path of a lattice file of the package, such as ``"spear3.madx"``.

    Raises
    ------
    InputError
        If there is no such file; the message lists those there are.
    """
    folder = Path(__file__).parent
    if not (path := folder / name).is_file():
        there = sorted(file.name for file in folder.glob("*.madx"))
        raise InputError(f"no lattice file {name!r} in the package; there are {there}")
    return path
