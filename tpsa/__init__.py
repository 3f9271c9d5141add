"""Truncated power series algebra, compiled by numba."""

from tpsa import boxing as _boxing  # noqa: F401
from tpsa import compiled_functions as _compiled_functions  # noqa: F401
from tpsa import compiled_operators as _compiled_operators  # noqa: F401
from tpsa.descriptor import Descriptor
from tpsa.errors import DescriptorMismatchError, DescriptorSizeError, SingularMapError, WorkspaceFullError
from tpsa.slots import get, mark, release, settle, slot_row
from tpsa.taylor_map import SymplecticError, TaylorMap
from tpsa.tps import TPS
from tpsa.workspace import Workspace

__all__ = [
    "TPS",
    "Descriptor",
    "DescriptorMismatchError",
    "DescriptorSizeError",
    "SingularMapError",
    "SymplecticError",
    "TaylorMap",
    "Workspace",
    "WorkspaceFullError",
    "get",
    "mark",
    "release",
    "settle",
    "slot_row",
]
