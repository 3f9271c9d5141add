"""Off-momentum motion as Taylor series in delta = P/p0 - 1: closed orbit, matrices, path length.

A truncated map is evaluated on the closed orbit, itself a series in delta, so every coefficient is exact: no finite
differences, no fits. Coefficients are Taylor coefficients (without factorials) about the momentum of the closed orbit.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from tpsa import TPS, Descriptor, gmath

TRANSVERSE = 4


@dataclass(frozen=True)
class OffMomentum:
    """Series of a one-turn (or one-pass) map along the off-momentum orbit.

    Attributes
    ----------
    orbit : (4, order + 1) array
        Taylor coefficients in delta of (x, px, y, py) at the start.
    monomials : (size, order + 1) array
        Taylor coefficients in delta of every monomial of the map's descriptor on that orbit.
    descriptor : Descriptor
        Basis of the map.
    """

    orbit: NDArray[np.float64]
    monomials: NDArray[np.float64]
    descriptor: Descriptor

    @classmethod
    def periodic(cls, descriptor: Descriptor, coefficients: NDArray[np.float64], beta0: float) -> OffMomentum:
        """Series along the closed orbit of a one-turn map (6, size) about its own closed orbit.

        Every iteration with the Jacobian at delta = 0 makes one more order exact.
        """
        transverse = coefficients[:TRANSVERSE]
        center = transverse[:, 0]
        inverse = np.linalg.inv(np.eye(TRANSVERSE) - transverse[:, 1 : 1 + TRANSVERSE])
        deviation = np.zeros((TRANSVERSE, descriptor.order + 1))
        energy = _energy_deviation(descriptor.order, coefficients[5, 0], beta0)
        for _ in range(descriptor.order + 1):
            monomials = _monomials(descriptor, deviation, energy)
            image = transverse @ monomials
            image[:, 0] -= center
            deviation = deviation + inverse @ (image - deviation)
        deviation[:, 0] = 0.0
        return cls._along(descriptor, coefficients, deviation, energy)

    @classmethod
    def given(
        cls, descriptor: Descriptor, start: NDArray[np.float64], dispersion: NDArray[np.float64], beta0: float
    ) -> OffMomentum:
        """Series along the orbit that starts at `start` (6,) with `dispersion` (4,) per delta."""
        deviation = np.zeros((TRANSVERSE, descriptor.order + 1))
        deviation[:, 1] = dispersion
        energy = _energy_deviation(descriptor.order, start[5], beta0)
        return cls._along(descriptor, start[:, None], deviation, energy)

    @classmethod
    def _along(cls, descriptor, coefficients, deviation, energy) -> OffMomentum:
        orbit = deviation.copy()
        orbit[:, 0] += coefficients[:TRANSVERSE, 0]
        return cls(orbit, _monomials(descriptor, deviation, energy), descriptor)

    def coordinates(self, coefficients: NDArray[np.float64]) -> NDArray[np.float64]:
        """Taylor coefficients (..., 6, order + 1) of the orbit after maps with coefficients (..., 6, size)."""
        return coefficients @ self.monomials

    def matrices(self, coefficients: NDArray[np.float64], order: int) -> NDArray[np.float64]:
        """Taylor coefficients (..., 4, 4, order + 1) of the transverse Jacobians of maps (..., 6, size).

        The order of the maps must be at least `order` + 1.
        """
        exponents, lower = _derivative_table(self.descriptor)
        columns = []
        for i in range(TRANSVERSE):
            derivative = exponents[:, i, None] * self.monomials[lower[:, i], : order + 1]
            columns.append(coefficients[..., :TRANSVERSE, :] @ derivative)
        return np.stack(columns, axis=-2)


def path_length_series(
    coordinates: NDArray[np.float64], length: float, zeta: float, beta0: float
) -> NDArray[np.float64]:
    """Relative change dC/C of the path length as Taylor coefficients (order + 1,) in delta.

    Parameters
    ----------
    coordinates : (6, order + 1) array
        Coefficients of the orbit at the end of the line.
    length : float
        Length of the reference orbit [m].
    zeta : float
        zeta of the orbit at the start [m].
    """
    univariate = Descriptor(1, coordinates.shape[1] - 1)
    gained, pzeta = (TPS(univariate, np.ascontiguousarray(coordinates[i])) for i in (4, 5))
    momentum = gmath.sqrt(1.0 + 2.0 * pzeta + beta0**2 * pzeta * pzeta)
    path = (length + zeta - gained) * (momentum / (1.0 + beta0**2 * pzeta))  # beta/beta0 times beta0 c t
    return (path / path.value - 1.0).coefficients


def matrix_of_series(coefficients: NDArray[np.float64]) -> NDArray:
    """Coefficients (rows, columns, order + 1) -> object array of series in one variable."""
    univariate = Descriptor(1, coefficients.shape[-1] - 1)
    series = np.empty(coefficients.shape[:2], dtype=object)
    for index in np.ndindex(series.shape):
        series[index] = TPS(univariate, np.ascontiguousarray(coefficients[index]))
    return series


def delta_of(pzeta: float | NDArray[np.float64], beta0: float) -> float | NDArray[np.float64]:
    """P/p0 - 1 of energy deviations, without cancellation."""
    change = 2.0 * pzeta + (beta0 * pzeta) ** 2
    return change / (1.0 + np.sqrt(1.0 + change))


def _energy_deviation(order: int, pzeta: float, beta0: float) -> NDArray[np.float64]:
    """Taylor coefficients in delta of pzeta minus its value on the orbit.

    From (P/p0)^2 = 1 + 2 pzeta + beta0^2 pzeta^2, solved for pzeta without cancellation.
    """
    delta = Descriptor(1, order).variable(0, delta_of(pzeta, beta0))
    change = delta * (2.0 + delta)
    deviation = (change / (1.0 + gmath.sqrt(1.0 + beta0**2 * change))).coefficients.copy()
    deviation[0] = 0.0
    return deviation


def _monomials(descriptor: Descriptor, deviation: NDArray, energy: NDArray) -> NDArray[np.float64]:
    """Coefficients (size, order + 1) of every monomial for transverse `deviation` (4, order + 1) and `energy`."""
    arguments = np.stack([*deviation, np.zeros_like(energy), energy])
    series = np.zeros((descriptor.size, descriptor.order + 1))
    series[0, 0] = 1.0
    parents, variables = _parents(descriptor)
    starts = descriptor.degree_starts
    for degree in range(1, descriptor.order + 1):
        block = slice(int(starts[degree]), int(starts[degree + 1]))
        series[block] = _products(series[parents[block]], arguments[variables[block]])
    return series


def _products(a: NDArray[np.float64], b: NDArray[np.float64]) -> NDArray[np.float64]:
    """Truncated products of series in one variable, row by row."""
    product = np.zeros_like(a)
    for k in range(a.shape[1]):
        product[:, k:] += a[:, k, None] * b[:, : a.shape[1] - k]
    return product


@lru_cache(maxsize=32)
def _parents(descriptor: Descriptor) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """For every monomial, the one with one factor less, and the variable of that factor; the first is its own."""
    exponents, lower = _derivative_table(descriptor)
    variables = np.argmax(exponents > 0, axis=1)
    return lower[np.arange(len(exponents)), variables], variables


@lru_cache(maxsize=32)
def _derivative_table(descriptor: Descriptor) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Exponents (size, 6), and the monomial with one power of a variable less (0 where there is none)."""
    exponents = descriptor.exponents.astype(np.int64)
    index = {tuple(row): i for i, row in enumerate(exponents.tolist())}
    lower = np.zeros_like(exponents)
    for i, row in enumerate(exponents.tolist()):
        for variable, power in enumerate(row):
            if power:
                lower[i, variable] = index[(*row[:variable], power - 1, *row[variable + 1 :])]
    return exponents, lower
