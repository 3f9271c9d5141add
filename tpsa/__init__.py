"""Truncated power series algebra, compiled by numba."""

from tpsa import compiled_functions as _compiled_functions
from tpsa import compiled_gmath as _compiled_gmath
from tpsa import compiled_operators as _compiled_operators
from tpsa.descriptor import Descriptor as Descriptor
from tpsa.errors import DescriptorMismatchError as DescriptorMismatchError
from tpsa.errors import DescriptorSizeError as DescriptorSizeError
from tpsa.errors import SingularMapError as SingularMapError
from tpsa.errors import WorkspaceFullError as WorkspaceFullError
from tpsa.slots import get, mark, release, settle, slot_row
from tpsa.workspace import Workspace as Workspace

__all__ = ["Descriptor", "DescriptorMismatchError", "DescriptorSizeError", "SingularMapError", "Workspace",
           "WorkspaceFullError", "get", "mark", "release", "settle", "slot_row"]
