"""Taylor maps as dictionaries of terms, the common form in which codes are compared."""

from __future__ import annotations

import itertools

import numpy as np
from numpy.typing import NDArray

from tpsa import TaylorMap

Terms = dict[tuple[int, ...], np.ndarray]
"""Exponents of (x, px, y, py, zeta, pzeta) -> the six coefficients."""


def terms_of(found: TaylorMap) -> Terms:
    """Terms of one of our maps."""
    powers = (tuple(int(n) for n in row) for row in found.descriptor.exponents)
    return dict(zip(powers, found.coefficients.T, strict=True))


def from_canonical_time(terms: Terms, beta0: float) -> Terms:
    """A map in MAD-X variables (x, px, y, py, t, pt) as one in (x, px, y, py, zeta = beta0 t, pzeta = pt/beta0)."""
    rows = np.array([1.0, 1.0, 1.0, 1.0, beta0, 1.0 / beta0])
    return {powers: rows * column * beta0 ** (powers[5] - powers[4]) for powers, column in terms.items()}


def stacked(terms: Terms, order: int) -> NDArray[np.float64]:
    """(monomials, 6) coefficients of one order, zero where a term is missing."""
    powers = [p for p in itertools.product(range(order + 1), repeat=6) if sum(p) == order]
    return np.array([terms.get(p, np.zeros(6)) for p in powers])


def row_scale(coefficients: NDArray[np.float64]) -> NDArray[np.float64]:
    """Largest term of each of the six rows; of all rows for a row that holds nothing but round-off."""
    scale = np.abs(coefficients).max(axis=0)
    return np.where(scale < 1e-12 * scale.max(), scale.max(), scale)


def map_error(ours: Terms, theirs: Terms, order: int) -> float:
    """Largest disagreement of two maps at one order, relative to the largest term of the same row and order."""
    value = stacked(theirs, order)
    return float((np.abs(stacked(ours, order) - value) / row_scale(value)).max())


def synchrotron_tune(matrix: NDArray[np.float64]) -> float:
    """Smallest tune of a 6x6 one-turn matrix: the longitudinal mode of a ring with cavities on."""
    return float(np.abs(np.angle(np.linalg.eigvals(matrix))).min() / (2.0 * np.pi))
