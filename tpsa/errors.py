"""Errors raised by the truncated power series algebra."""

import numpy as np
from numpy.typing import ArrayLike


class DescriptorMismatchError(TypeError):
    """Series of different descriptors, or of different workspaces in compiled code, meet in one operation."""


class DescriptorSizeError(ValueError):
    """A descriptor whose tables would need more memory than allowed."""


class WorkspaceFullError(MemoryError):
    """A compiled function needs more temporary series than its workspace holds."""


class ConvergenceError(ArithmeticError):
    """A sum or an iteration that does not converge."""


class SingularMapError(ValueError):
    """A map whose linear part cannot be inverted."""


class FileFormatError(ValueError):
    """A file or text of series that is damaged, or of a form or version not known."""


class PrecisionError(RuntimeError):
    """Numbers of 32 bits where 64 are needed."""


def require_real(name: str, coefficients: ArrayLike) -> None:
    """Refuse complex coefficients where `name` takes real ones.

    Raises
    ------
    TypeError
        If they are of complex type.
    """
    if np.iscomplexobj(coefficients):
        raise TypeError(f"{name} takes real series, got complex coefficients; take the parts .real and .imag")
