"""Logarithms of symplectic maps: the one generator f with exp(:f:) z = m, linear part included.

The quadratic f2 is the logarithm of the matrix R = exp(A). With the generator known to degree k, its part h of degree
k + 1 changes terms of degree k of exp(:f:) z by R [g, z], g being the mean of h(exp(s A) z) over s from 0 to 1. So g
follows from what is left of the map, and h from its monomials in the eigenvectors of A.
"""

import numpy as np
from numpy.typing import NDArray

from tpsa.composition import substitute
from tpsa.descriptor import Descriptor

RESONANCE = 1e-8
INDEPENDENT = 1e4  # condition of eigenvectors up to which they are a basis for polynomials


def real_logarithm(matrix: NDArray[np.float64]) -> NDArray[np.float64]:
    """Real (2n, 2n) Hamiltonian A with exp(A) = `matrix`.

    Raises
    ------
    ValueError
        If there is none: `matrix` is not symplectic, or has an eigenvalue that is zero or negative.
    """
    from scipy.linalg import logm

    values = np.linalg.eigvals(matrix)
    if np.any((np.abs(values.imag) < 1e-12 * np.abs(values)) & (values.real <= 0.0)) or not values.all():
        raise ValueError(
            f"logarithm: no real logarithm of the linear part, which has eigenvalues {values}; those zero or negative "
            "forbid it. Take dragt_finn(m), or the logarithm of m**2"
        )
    result = np.real(logm(matrix))
    form = np.kron(np.eye(len(matrix) // 2), [[0.0, 1.0], [-1.0, 0.0]])
    off = np.abs(form @ result - (form @ result).T).max()
    if not off < 1e-8 * max(1.0, np.abs(result).max()):
        raise ValueError(f"logarithm: the linear part is not symplectic ({off:.3g} off); see symplectify")
    return result


def without_mean(generator: NDArray[np.float64], matrix: NDArray[np.float64], degree: int) -> NDArray[np.float64]:
    """Homogeneous h, (count,) coefficients, whose mean over s of h(exp(s A) z) is `generator`; A = `matrix`.

    In the eigenvectors of A a monomial of rate m = sum of its eigenvalues has the mean (exp(m) - 1)/m times itself:
    two complex compositions with a matrix. Where A has too few eigenvectors, as for a drift, a linear system in the
    monomials of the degree, and a composition of all of them for each of about 12 + degree * |A| / 2 places s.

    Raises
    ------
    ValueError
        On a resonance, where the mean of a monomial is zero.
    """
    d = Descriptor(len(matrix), degree)
    part = slice(d.degree_starts[degree], None)
    rates, vectors = np.linalg.eig(matrix)
    _refuse_resonances(d.exponents[part], rates)
    if not np.linalg.cond(vectors) < INDEPENDENT:
        return np.linalg.solve(_means(d, part, matrix), generator)
    found = _in_basis(d, generator, vectors)[part]
    sums = d.exponents[part] @ rates
    with np.errstate(divide="ignore", invalid="ignore"):
        found *= np.where(sums == 0.0, 1.0, sums / np.expm1(sums))
    return _in_basis(d, found, np.linalg.inv(vectors))[part].real


def _in_basis(d: Descriptor, homogeneous: NDArray, vectors: NDArray[np.complex128]) -> NDArray[np.complex128]:
    """Coefficients of a polynomial of the highest degree in other coordinates: those given are `vectors` times them."""
    series, linear = np.zeros((1, d.size), complex), np.zeros((len(vectors), d.size), complex)
    series[0, d.size - len(homogeneous) :], linear[:, 1 : 1 + len(vectors)] = homogeneous, vectors
    return substitute(d, series, d, linear, d.order)[0]


def _means(d: Descriptor, part: slice, matrix: NDArray[np.float64]) -> NDArray[np.float64]:
    """Matrix of the means over s of monomials of the highest degree at exp(s A) z, by Gauss's rule."""
    from scipy.linalg import expm

    monomials, linear = np.eye(d.size)[part], np.zeros((len(matrix), d.size))
    mean = np.zeros((len(monomials), len(monomials)))
    frequency = d.order * np.abs(np.linalg.eigvals(matrix)).max()
    places, weights = np.polynomial.legendre.leggauss(12 + int(np.ceil(frequency / 2.0)))
    for s, weight in zip(0.5 + 0.5 * places, 0.5 * weights, strict=True):
        linear[:, 1 : 1 + len(matrix)] = expm(s * matrix)
        mean += weight * substitute(d, monomials, d, linear, d.order)[:, part]
    return mean.T


def _refuse_resonances(exponents: NDArray[np.uint8], rates: NDArray[np.complex128]) -> None:
    """Raise where a sum of rates m . lambda is 2 pi i n for an n that is not zero."""
    sums = exponents @ rates
    turns = np.round(sums.imag / (2.0 * np.pi))
    near = (turns != 0.0) & (np.abs(sums - 2.0j * np.pi * turns) < RESONANCE)
    if near.any():
        k = int(np.argmax(near))
        raise ValueError(
            f"logarithm: no unique one on the resonance of degree {int(exponents[k].sum())}, where tunes times "
            f"{exponents[k].tolist()} add up to the integer {int(turns[k])}; take dragt_finn(m)"
        )
