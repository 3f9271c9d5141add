"""Elements as their rows of maps, one after the other in plain Python."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tracking.elements import Element
from tracking.lower import Context
from tracking.lower.frame import lower_in_place
from tracking.reference import ReferenceParticle
from tracking.settings import Settings
from tracking.step import step

REFERENCE = ReferenceParticle.of("proton", p0c=0.8e9)
SYMPLECTIC_FORM = np.kron(np.eye(3), [[0.0, 1.0], [-1.0, 0.0]])
TINY = 1e-30  # complex step


def rows_of(element: Element, **settings: Any) -> list:
    return lower_in_place(element, Context(REFERENCE, Settings(**settings), 1e6, "one")).rows


def through(element: Element, z: ArrayLike, **settings: Any) -> NDArray:
    """(6,) coordinates after an element."""
    point = tuple(z)
    for op, parameters in rows_of(element, **settings):
        point = step(op, point, parameters, REFERENCE.beta0)
    return np.array(point)


def jacobian(element: Element, z: ArrayLike, **settings: Any) -> NDArray:
    """(6, 6) derivatives at `z`, by complex steps."""
    start = np.asarray(z, dtype=complex)
    columns = [through(element, (start + 1j * TINY * unit).tolist(), **settings).imag for unit in np.eye(6)]
    return np.array(columns).T / TINY


def symplectic_error(matrix: NDArray) -> float:
    return float(np.abs(matrix.T @ SYMPLECTIC_FORM @ matrix - SYMPLECTIC_FORM).max())
