"""Workspace: the memory in which compiled code keeps its series."""

import threading

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tpsa import context as layout
from tpsa.descriptor import Descriptor
from tpsa.kernels import kernel_addresses

ALIGNMENT = 64


def _aligned_zeros(rows: int, stride: int) -> NDArray[np.float64]:
    """(rows, stride) zeros whose first element is aligned to ALIGNMENT bytes."""
    raw = np.zeros(rows * stride * 8 + ALIGNMENT, np.uint8)
    skip = -raw.ctypes.data % ALIGNMENT
    return raw[skip : skip + rows * stride * 8].view(np.float64).reshape(rows, stride)


class Workspace:
    """Rows for the series of one compiled computation; use one per thread.

    Parameters
    ----------
    descriptor : Descriptor
        Basis of all series held.
    slots : int
        Number of series held at the same time, temporaries included.

    Attributes
    ----------
    address : int
        Address of the context, the argument of compiled functions; valid as long as the workspace lives.
    """

    def __init__(self, descriptor: Descriptor, slots: int = 256) -> None:
        if slots < 1:
            raise ValueError(f"slots must be at least 1, got {slots}")
        tables = descriptor.tables
        self.descriptor = descriptor
        self.slots = slots
        stride = -(-descriptor.size // layout.LANES) * layout.LANES
        rows = slots + 1 + layout.SCRATCH_ROWS
        self._rows = _aligned_zeros(rows, stride)
        self._permutation = np.arange(1, slots + 1)
        self._positions = np.arange(-1, slots)
        self._degrees = np.zeros(rows, np.int64)
        self._handles = np.zeros(3 * layout.MAX_RESULTS, np.int64)
        self._context = c = np.zeros(layout.WORDS, np.int64)
        arrays = {
            layout.ROWS: self._rows,
            layout.DEGREE_STARTS: tables.degree_starts,
            layout.BLOCK_STARTS: tables.block_starts,
            layout.BLOCK_DEGREES: tables.block_degrees,
            layout.SEGMENT_STARTS: tables.segment_starts,
            layout.SEGMENTS: tables.segments,
            layout.ROW_STARTS: tables.row_starts,
            layout.TARGETS: tables.targets,
            layout.PERMUTATION: self._permutation,
            layout.POSITIONS: self._positions,
            layout.DEGREES: self._degrees,
            layout.HANDLES: self._handles,
        }
        for word, array in arrays.items():
            c[word] = array.ctypes.data
        self._keep = arrays
        c[layout.STRIDE], c[layout.ORDER], c[layout.SIZE] = stride, descriptor.order, descriptor.size
        c[layout.WIDE], c[layout.SLOTS] = tables.targets.itemsize == 4, slots
        c[layout.KERNELS :] = kernel_addresses()
        self.address = c.ctypes.data

    def reserve(self, count: int) -> None:
        """Make logical slots 0 to count - 1 persistent and drop all temporaries.

        Raises
        ------
        ValueError
            If the workspace has fewer slots.
        """
        if not 0 <= count <= self.slots:
            raise ValueError(f"reserve: count must be from 0 to the workspace's {self.slots} slots, got {count}")
        self._context[layout.PERSISTENT] = self._context[layout.NEXT] = count

    def load(self, k: int, coefficients: ArrayLike) -> None:
        """Set logical slot k, one of the persistent ones, to a series of (size,) coefficients."""
        values = np.asarray(coefficients, np.float64)
        if values.shape != (self.descriptor.size,):
            raise ValueError(f"load: coefficients must have shape ({self.descriptor.size},), got {values.shape}")
        row = self._row(k)
        self._rows[row, : values.size] = values
        filled = np.flatnonzero(values)
        last = filled[-1] if filled.size else 0
        self._degrees[row] = np.searchsorted(self.descriptor.degree_starts, last, side="right") - 1

    def read(self, k: int) -> NDArray[np.float64]:
        """(size,) coefficients of logical slot k."""
        row = self._row(k)
        result = self._rows[row, : self.descriptor.size].copy()
        result[self.descriptor.degree_starts[self._degrees[row] + 1] :] = 0.0
        return result

    def _row(self, k: int) -> int:
        reserved = int(self._context[layout.NEXT])
        if not 0 <= k < reserved:
            raise IndexError(f"logical slot must be from 0 to {reserved - 1} (see reserve), got {k}")
        return int(self._permutation[k])

    def __reduce__(self):
        raise TypeError("a Workspace holds addresses and cannot be pickled or copied; make one per process and thread")


_local = threading.local()


def thread_workspace(descriptor: Descriptor) -> Workspace:
    """This thread's workspace of a descriptor, made when first asked for."""
    spaces = _local.__dict__.setdefault("spaces", {})
    if descriptor not in spaces:
        spaces[descriptor] = Workspace(descriptor)
    return spaces[descriptor]
