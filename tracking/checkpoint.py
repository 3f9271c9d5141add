"""Checkpoints of tracking: one npz file, replaced as a whole, checked when read, never pickled."""

from __future__ import annotations

import hashlib
import os
import zipfile
from collections.abc import Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tracking.errors import InputError
from tracking.pack import PackedLine

FORMAT = 1


def digest(packed: PackedLine, *arrays: NDArray) -> str:
    """Digest of a packed line, its reference particle, and further arrays."""
    found = hashlib.sha256(repr((packed.references, packed.names)).encode())
    own = (packed.ops, packed.ptr, packed.par, packed.first_row, packed.aperture_kind, packed.aperture_ptr)
    for array in (*own, packed.aperture_par, packed.s, *arrays):
        found.update(f"{array.dtype}{array.shape}".encode())
        found.update(np.ascontiguousarray(array).tobytes())
    return found.hexdigest()


def save(path: Path, key: str, arrays: Mapping[str, NDArray]) -> None:
    """Write arrays beside `path`, then put them in its place: at any moment `path` is whole, old or new."""
    partial = path.with_name(path.name + ".partial")
    with partial.open("wb") as file:
        np.savez(file, format=np.array(FORMAT), digest=np.array(key), **arrays)
        file.flush()
        os.fsync(file.fileno())
    partial.replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def load(path: Path, key: str) -> dict[str, NDArray]:
    """Arrays of a checkpoint.

    Raises
    ------
    InputError
        If the file is no checkpoint of this format, is damaged, or belongs to another line, start or set of limits.
    """
    try:
        with np.load(path, allow_pickle=False) as file:
            arrays = {name: file[name] for name in file.files}
        written = int(arrays.pop("format")), str(arrays.pop("digest"))
    except (ValueError, KeyError, EOFError, zipfile.BadZipFile) as error:
        raise InputError(f"checkpoint {path}: no readable checkpoint ({error}); delete it to start anew") from error
    if written[0] != FORMAT:
        raise InputError(f"checkpoint {path}: format {written[0]}; expected {FORMAT}, delete it to start anew")
    if written[1] != key:
        raise InputError(
            f"checkpoint {path}: made for another line, other initial particles, limits or monitors; expected those of "
            "this call. Delete it to start anew, or choose another path"
        )
    return arrays
