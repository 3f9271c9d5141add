"""Truncated power series algebra, compiled by numba.

Make a `Descriptor`, take its variables and compute: `x, y = Descriptor(2, 4).identity()`, `f = gmath.sin(x * y)`.
The same expressions work inside functions decorated with `numba.njit`, which take and return `TPS`. Elementary
functions for every number type are in `tpsa.gmath`; drivers that keep series in compiled code use a `Workspace`.
"""

from tpsa import boxing as _boxing  # noqa: F401
from tpsa import compiled_calculus as _compiled_calculus  # noqa: F401
from tpsa import compiled_derived as _compiled_derived  # noqa: F401
from tpsa import compiled_functions as _compiled_functions  # noqa: F401
from tpsa import compiled_maps as _compiled_maps  # noqa: F401
from tpsa import compiled_operators as _compiled_operators  # noqa: F401
from tpsa import complex_boxing as _complex_boxing  # noqa: F401
from tpsa.batch import TPSBatch
from tpsa.calculus import compose, derivative, evaluate, gradient, integral, substitute
from tpsa.complex_tps import ComplexTPS
from tpsa.descriptor import Descriptor
from tpsa.errors import (
    ConvergenceError,
    DescriptorMismatchError,
    DescriptorSizeError,
    FileFormatError,
    PrecisionError,
    SingularMapError,
    WorkspaceFullError,
)
from tpsa.lie import (
    dragt_finn,
    from_dragt_finn,
    lie_apply,
    lie_exponential,
    logarithm,
    poisson_bracket,
    symplectify,
)
from tpsa.map_calculus import SymplecticError
from tpsa.slots import get, mark, release, settle, slot_row
from tpsa.taylor_map import TaylorMap
from tpsa.tps import TPS
from tpsa.workspace import Workspace

__all__ = [
    "TPS",
    "TPSBatch",
    "ComplexTPS",
    "ConvergenceError",
    "Descriptor",
    "DescriptorMismatchError",
    "DescriptorSizeError",
    "FileFormatError",
    "PrecisionError",
    "SingularMapError",
    "SymplecticError",
    "TaylorMap",
    "Workspace",
    "WorkspaceFullError",
    "compose",
    "derivative",
    "dragt_finn",
    "evaluate",
    "from_dragt_finn",
    "get",
    "gradient",
    "integral",
    "lie_apply",
    "lie_exponential",
    "logarithm",
    "mark",
    "poisson_bracket",
    "release",
    "settle",
    "slot_row",
    "substitute",
    "symplectify",
]
