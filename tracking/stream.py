"""Monitor that writes to an HDF5 file while tracking, so that memory stays bounded."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

import h5py
import numpy as np
from numpy.typing import NDArray

from tracking.monitor import COORDINATES, Place, TurnMonitor, coordinate_rows
from tracking.pack import PackedLine

FORMAT = 1
MARGIN = 1 << 20  # bytes kept free for the file's own structure
CHUNK_PARTICLES = 16384


class StreamMonitor(TurnMonitor):
    """Coordinates of every particle, appended to an HDF5 file.

    The file holds ``turn`` (t,), ``coordinates`` (t, places, particles, coordinates), ``s`` (places,) and, as
    attributes, ``places``, ``names`` of the coordinates and ``format``. It is closed between two appends. Each
    begins with a reservation of its disk space, so that a full disk is found before the file changes: what was written
    stays readable.

    Parameters
    ----------
    path : path
        File to write; an existing one is replaced.
    at, turns
        As of `TurnMonitor`.
    coordinates : sequence of str
        Coordinates to write, all six by default.

    Raises
    ------
    OSError
        If there is no room; names the file and the turns that it holds.
    """

    def __init__(
        self,
        path: str | Path,
        at: Place | Sequence[Place] | None = None,
        turns: slice | Sequence[int] | None = None,
        coordinates: Sequence[str] = COORDINATES,
    ) -> None:
        super().__init__(at, turns)
        self.path = Path(path)
        self.coordinates = tuple(coordinates)
        self.rows = coordinate_rows(self.coordinates)
        self.written = 0

    def begin(self, packed: PackedLine, particles: int) -> NDArray[np.int64]:
        self.particles = particles
        return super().begin(packed, particles)

    def add(self, turns: NDArray[np.int64], seen: NDArray[np.float64]) -> None:
        data = np.moveaxis(seen[:, :, self.rows], 2, 3)
        if self.written == 0:
            self.path.write_bytes(b"")
            self._reserve(MARGIN)
            self._create()
        self._reserve(data.nbytes + turns.nbytes + MARGIN)
        with h5py.File(self.path, "r+") as file:
            for name, values in (("coordinates", data), ("turn", turns)):
                file[name].resize(self.written + len(turns), axis=0)
                file[name][self.written :] = values
        self.written += len(turns)

    def _reserve(self, size: int) -> None:
        """Lengthen the file on the disk; HDF5 writes there and cuts off what is left over."""
        with self.path.open("r+b") as file:
            end = file.seek(0, os.SEEK_END)
            try:
                os.posix_fallocate(file.fileno(), end, size)
            except OSError as error:
                file.truncate(end)
                raise OSError(
                    error.errno,
                    f"no room for {size} bytes of monitor data ({error.strerror}); the file holds {self.written} turns "
                    "and stays readable. Free some space, or keep fewer turns, places or coordinates",
                    str(self.path),
                ) from error

    def _create(self) -> None:
        places, numbers = len(self.places), len(self.coordinates)
        with h5py.File(self.path, "w") as file:
            file.attrs["format"] = FORMAT
            file.attrs["places"] = list(self.places)
            file.attrs["names"] = list(self.coordinates)
            file["s"] = self.s
            file.create_dataset("turn", (0,), np.int64, maxshape=(None,), chunks=(1024,))
            file.create_dataset(
                "coordinates",
                (0, places, self.particles, numbers),
                np.float64,
                maxshape=(None, places, self.particles, numbers),
                chunks=(1, 1, max(1, min(self.particles, CHUNK_PARTICLES)), numbers),
            )

    def state(self) -> dict[str, NDArray]:
        return {"written": np.array(self.written)}

    def restore(self, state: dict[str, NDArray]) -> None:
        self.written = int(state["written"]) if state else 0
        if self.written:
            with h5py.File(self.path, "r+") as file:
                for name in ("coordinates", "turn"):
                    file[name].resize(self.written, axis=0)
