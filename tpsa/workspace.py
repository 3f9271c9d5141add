"""Workspace: the memory in which compiled code keeps its series."""

import threading
import weakref
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tpsa import context as layout
from tpsa.descriptor import Descriptor
from tpsa.errors import WorkspaceFullError
from tpsa.kernels import kernel_addresses
from tpsa.plans import plan
from tpsa.slots import load_slot, read_row

if TYPE_CHECKING:
    from tpsa.tps import TPS

ALIGNMENT = 64


def _aligned_zeros(rows: int, stride: int) -> NDArray[np.float64]:
    """(rows, stride) zeros whose first element is aligned to ALIGNMENT bytes, as many of which follow the last one."""
    raw = np.zeros(rows * stride * 8 + 2 * ALIGNMENT, np.uint8)
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

    Raises
    ------
    ValueError
        If `slots` is below 1.

    Notes
    -----
    Costs 8 bytes for each slot and coefficient; methods cost a copy of a series or less.
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
        self._exponents = np.ascontiguousarray(tables.exponents.T)
        self._plan = plan(descriptor)
        self._context = c = self._plan.words.copy()
        arrays = {
            layout.ROWS: self._rows,
            layout.PERMUTATION: self._permutation,
            layout.POSITIONS: self._positions,
            layout.DEGREES: self._degrees,
            layout.HANDLES: self._handles,
            layout.EXPONENTS: self._exponents,
        }
        for word, array in arrays.items():
            c[word] = array.ctypes.data
        c[layout.STRIDE] = stride
        c[layout.SLOTS] = slots
        c[layout.KERNELS :] = kernel_addresses(tables.targets.dtype)
        self.address = c.ctypes.data
        _by_address[self.address] = self

    @property
    def free_slots(self) -> int:
        """Number of slots that hold no series now."""
        return self.slots - int(self._context[layout.NEXT])

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
        self._context[layout.ERROR] = 0

    def load(self, k: int, coefficients: ArrayLike) -> None:
        """Set logical slot k, one of the persistent ones, to a series of (size,) coefficients.

        Raises
        ------
        ValueError
            If `coefficients` has another shape.
        IndexError
            If there is no such slot.
        """
        values = np.asarray(coefficients, np.float64)
        if values.shape != (self.descriptor.size,):
            raise ValueError(f"load: coefficients must have shape ({self.descriptor.size},), got {values.shape}")
        self._check_slot(k)
        load_slot(self.address, k, values)

    def read(self, k: int) -> NDArray[np.float64]:
        """(size,) coefficients of logical slot k."""
        self._check_slot(k)
        return self.read_row(self._permutation[k])

    def read_row(self, row: int) -> NDArray[np.float64]:
        """(size,) coefficients of a physical row, the one a compiled handle names."""
        out = np.empty(self.descriptor.size)
        read_row(self.address, row, out)
        return out

    def _check_slot(self, k: int) -> None:
        reserved = int(self._context[layout.NEXT])
        if not 0 <= k < reserved:
            raise IndexError(f"logical slot must be from 0 to {reserved - 1} (see reserve), got {k}")

    def __reduce__(self):
        raise TypeError("a Workspace holds addresses and cannot be pickled or copied; make one per process and thread")


class _ThreadWorkspaces(threading.local):
    """Workspaces of one thread by descriptor."""

    def __init__(self) -> None:
        self.of: dict[Descriptor, Workspace] = {}


_thread = _ThreadWorkspaces()
_by_address: "weakref.WeakValueDictionary[int, Workspace]" = weakref.WeakValueDictionary()


def workspace_at(address: int) -> Workspace:
    """The living workspace whose context is at this address."""
    return _by_address[address]


def thread_workspace(descriptor: Descriptor) -> Workspace:
    """This thread's workspace of a descriptor, made when first asked for."""
    try:
        return _thread.of[descriptor]
    except KeyError:
        workspace = _thread.of[descriptor] = Workspace(descriptor)
        return workspace


def enter_call(series: "TPS") -> tuple[int, int]:
    """Copy an argument of a compiled function to this thread's workspace: address of its context, and row."""
    workspace = thread_workspace(series.descriptor)
    c = workspace._context
    if c[layout.CALLS] == 0:
        c[layout.ERROR] = 0
    k = int(c[layout.NEXT])
    if k == workspace.slots:
        raise WorkspaceFullError(f"no slot left of {workspace.slots} for an argument of a compiled function")
    c[layout.NEXT] += 1
    c[layout.CALLS] += 1
    load_slot(workspace.address, k, series.coefficients)
    return workspace.address, int(workspace._permutation[k])


def leave_call(address: int) -> None:
    """One argument of a compiled function less; after the last one all temporaries are dropped."""
    c = workspace_at(address)._context
    c[layout.CALLS] -= 1
    if c[layout.CALLS] == 0:
        c[layout.NEXT] = 0
