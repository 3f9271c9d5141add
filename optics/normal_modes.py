"""Normal modes of linear motion: one-turn matrix -> tunes and the matrix W that turns it into rotations.

M W = W R with R made of 2 x 2 rotations by 2 pi Q, W symplectic. The gauge is that of Courant and Snyder: in the plane
of its own, mode k has W[2k, 2k] = sqrt(beta) and W[2k, 2k+1] = 0. Matrix entries are numbers or Taylor series (tunes of
an off-momentum matrix are then series too).
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import permutations
from math import atan2, pi

import numpy as np
from numpy.typing import ArrayLike, NDArray

from optics.errors import CouplingError, UnstableMotionError
from tpsa import TPS, gmath
from tracking.errors import InputError

UNCOUPLED = 1e-13  # coupling blocks below this, relative to the matrix, are round-off
LATTICE_ADVICE = "Check signs and units of the focusing strengths, or move the tune off the stop band"
RF_ADVICE = "Check the lag of the cavities (0 below transition, 0.5 above, for positive voltage)"
PLANES = ("x", "y", "zeta")


@dataclass(frozen=True)
class NormalModes:
    """Normal modes of a stable one-turn matrix.

    Attributes
    ----------
    normalising : (2k, 2k) array
        W, columns 2j and 2j+1 of mode j [sqrt(m) in rows of positions, 1/sqrt(m) in rows of momenta].
    tunes : (k,) array
        Fractional tunes in [0, 1), of the constant part where entries are series.
    """

    normalising: NDArray
    tunes: NDArray


def tunes(one_turn: ArrayLike, tolerance: float = 1e-8) -> NDArray:
    """Fractional normal-mode tunes of a stable 4 x 4 or 6 x 6 one-turn matrix.

    Parameters
    ----------
    one_turn : (4, 4) or (6, 6) array
        Jacobian of the one-turn map in (x, px, y, py[, zeta, pzeta]) about the closed orbit.
    tolerance : float
        Largest allowed distance of an eigenvalue from the unit circle.

    Returns
    -------
    (2,) or (3,) array
        Tunes in [0, 1); the first belongs to the mode with the larger share of x, the third to synchrotron motion.

    Raises
    ------
    UnstableMotionError
        If an eigenvalue leaves the unit circle; carries eigenvalues, traces and the plane.
    """
    return normal_modes(one_turn, tolerance).tunes


def normal_modes(one_turn: ArrayLike, tolerance: float = 1e-8) -> NormalModes:
    """Normal modes of a 4 x 4 or 6 x 6 one-turn matrix of numbers; see `tunes` for arguments and errors."""
    matrix = np.asarray(one_turn, dtype=float)
    if matrix.shape not in ((4, 4), (6, 6)) or not np.isfinite(matrix).all():
        raise InputError(f"one_turn of shape {matrix.shape}; expected finite numbers of shape (4, 4) or (6, 6)")
    if len(matrix) == 4:
        return coupled_pair(matrix, tolerance=tolerance)
    coupling = max(np.abs(matrix[2:4][:, [0, 1, 4, 5]]).max(), np.abs(matrix[[0, 1, 4, 5]][:, 2:4]).max())
    if coupling <= UNCOUPLED * np.abs(matrix).max():
        return _flat_modes(matrix, tolerance)
    return _modes_by_eigenvectors(matrix, tolerance)


def damped_modes(one_turn: NDArray[np.float64]) -> NormalModes:
    """Normal modes of a 6 x 6 one-turn matrix of motion that radiation damps: its eigenvectors.

    The turn shrinks them by exp(-alpha), and W = (Re v, Im v) is symplectic up to terms of the size of the alphas. See
    `tunes` for the errors; motion that grows has no modes.
    """
    return _modes_by_eigenvectors(np.asarray(one_turn, dtype=float), 1e-8, damped=True)


def symplectic_scale(normalising: NDArray[np.float64]) -> NDArray[np.float64]:
    """Matrices W (n, 6, 6) whose pairs of columns are scaled to a.S.b = 1, as where there is no damping."""
    first, second = normalising[:, :, 0::2], normalising[:, :, 1::2]
    areas = np.einsum("pik,ij,pjk->pk", first, symplectic_form(normalising.shape[1]), second)
    return normalising / np.repeat(np.sqrt(areas), 2, axis=1)[:, None, :]


def coupled_pair(
    matrix: NDArray, planes: tuple[str, str] = ("x", "y"), tolerance: float = 1e-8, whole: NDArray | None = None
) -> NormalModes:
    """Normal modes of a 4 x 4 symplectic matrix whose entries are numbers or Taylor series.

    Free of eigenvalue solvers: exact for uncoupled motion, smooth in the entries elsewhere. Errors report the matrix
    `whole`, of which `matrix` is a part.

    Source: D. Sagan and D. Rubin, Phys. Rev. ST Accel. Beams 2, 074001 (1999), equations 6 to 12.
    """
    whole = matrix if whole is None else whole
    upper, lower = matrix[:2, :2], matrix[2:, 2:]
    coupling = matrix[:2, 2:] + _conjugate(matrix[2:, :2])
    if _negligible(coupling, matrix):
        return _join(np.eye(4), upper, lower, whole, planes, tolerance)
    gap = _trace(upper) - _trace(lower)
    discriminant = gap * gap + 4.0 * _determinant(coupling)
    if abs(gmath.value(discriminant)) <= UNCOUPLED**2:
        raise CouplingError(
            "equal tunes with coupling (of off-momentum motion, where chromaticity is computed) have no normal modes; "
            "separate the tunes, or leave the chromaticity out with order=0"
        )
    if gmath.value(discriminant) < 0.0:
        raise UnstableMotionError(values_of(whole), "-".join(planes), LATTICE_ADVICE)
    root = gmath.sqrt(discriminant)
    if gmath.value(gap) < 0.0:
        root = -root
    gamma = gmath.sqrt(0.5 + 0.5 * gap / root)
    mixing = -coupling / (gamma * root)
    rotation, inverse = _mixing_matrix(gamma, mixing), _mixing_matrix(gamma, -mixing)
    decoupled = inverse @ matrix @ rotation
    return _join(rotation, decoupled[:2, :2], decoupled[2:, 2:], whole, planes, tolerance)


def values_of(matrix: NDArray) -> NDArray[np.float64]:
    """Constant parts of an array of numbers or series."""
    return np.vectorize(gmath.value, otypes=[float])(matrix)


def _join(
    rotation: NDArray, first: NDArray, second: NDArray, whole: NDArray, planes: tuple[str, str], tolerance: float
) -> NormalModes:
    """Normal modes of V diag(first, second) V^-1."""
    normal = np.zeros((4, 4), dtype=first.dtype)
    tune = np.zeros(2, dtype=first.dtype)
    for k, (block, plane) in enumerate(((first, planes[0]), (second, planes[1]))):
        normal[2 * k : 2 * k + 2, 2 * k : 2 * k + 2], tune[k] = _single_mode(block, whole, plane, tolerance)
    return NormalModes(rotation @ normal, tune)


def _single_mode(block: NDArray, whole: NDArray, plane: str, tolerance: float) -> tuple[NDArray, object]:
    """Courant-Snyder normalisation and tune of a 2 x 2 matrix; `whole` and `plane` are for the error."""
    advice = RF_ADVICE if plane == "zeta" else LATTICE_ADVICE
    half_gap = 0.5 * (block[0, 0] - block[1, 1])
    sine_squared = -block[0, 1] * block[1, 0] - half_gap * half_gap
    growth = abs(gmath.value(_determinant(block)) - 1.0) / 2.0
    if not gmath.value(sine_squared) > 0.0 or not growth <= tolerance:
        raise UnstableMotionError(values_of(whole), plane, advice)
    sine = gmath.sqrt(sine_squared)
    if gmath.value(block[0, 1]) < 0.0:
        sine = -sine
    cosine = 0.5 * _trace(block)
    beta, alpha = block[0, 1] / sine, half_gap / sine
    root_beta = gmath.sqrt(beta)
    normal = np.array([[root_beta, 0.0 * beta], [-alpha / root_beta, 1.0 / root_beta]], dtype=block.dtype)
    return normal, _phase(sine, cosine) / (2.0 * pi)


def _phase(sine: object, cosine: object) -> object:
    """Angle in [0, 2 pi) of numbers or series, from its sine and cosine."""
    start = atan2(gmath.value(sine), gmath.value(cosine)) % (2.0 * pi)
    if not isinstance(sine, TPS):
        return start
    s, c = gmath.value(sine), gmath.value(cosine)
    return start + gmath.asin((sine * c - cosine * s) / (s * s + c * c))


def _flat_modes(matrix: NDArray[np.float64], tolerance: float) -> NormalModes:
    """6 x 6 matrix that leaves y alone: (x, zeta) as a coupled pair, y by itself; safe for equal tunes of x and y."""
    in_plane = [0, 1, 4, 5]
    pair = coupled_pair(matrix[np.ix_(in_plane, in_plane)], ("x", "zeta"), tolerance, matrix)
    vertical, vertical_tune = _single_mode(matrix[2:4, 2:4], matrix, "y", tolerance)
    normalising = np.zeros((6, 6))
    normalising[np.ix_(in_plane, in_plane)] = pair.normalising
    normalising[2:4, 2:4] = vertical
    return NormalModes(normalising, np.array([pair.tunes[0], vertical_tune, pair.tunes[1]]))


def _modes_by_eigenvectors(matrix: NDArray[np.float64], tolerance: float, damped: bool = False) -> NormalModes:
    """Normal modes from eigenvectors v = a + ib of eigenvalues exp(2 pi i Q), scaled to a.S.b = 1: columns (a, b)."""
    eigenvalues, vectors = np.linalg.eig(matrix)
    unstable = np.abs(eigenvalues) - 1.0 if damped else np.abs(np.abs(eigenvalues) - 1.0)
    norms = np.einsum("ia,ij,ja->a", vectors.conj(), symplectic_form(6), vectors).imag
    chosen = np.argsort(-norms)[:3]
    if not unstable.max() <= tolerance or not np.abs(norms[chosen]).min() > tolerance:
        shares = np.abs(vectors[:, np.argmax(unstable)]).reshape(3, 2).max(axis=1)
        plane = PLANES[int(np.argmax(shares))]
        raise UnstableMotionError(matrix, plane, RF_ADVICE if plane == "zeta" else LATTICE_ADVICE)
    modes = vectors[:, chosen] * np.sqrt(2.0 / norms[chosen])
    # share of plane p in mode j: the symplectic area a_p.S.b_p; the shares of a mode add up to 1
    shares = (modes[0::2].real * modes[1::2].imag - modes[1::2].real * modes[0::2].imag).T
    order = list(max(permutations(range(3)), key=lambda p: sum(shares[p[k], k] for k in range(3))))
    modes = modes[:, order]
    own = np.array([modes[2 * k, k] for k in range(3)])
    modes = modes * (own.conj() / np.abs(own))
    normalising = np.empty((6, 6))
    normalising[:, 0::2], normalising[:, 1::2] = modes.real, modes.imag
    return NormalModes(normalising, np.angle(eigenvalues[chosen][order]) / (2.0 * pi) % 1.0)


def symplectic_form(size: int) -> NDArray[np.float64]:
    """S of (q1, p1, q2, p2, ...): a matrix M is symplectic when M^T S M = S."""
    form = np.zeros((size, size))
    for i in range(0, size, 2):
        form[i, i + 1], form[i + 1, i] = 1.0, -1.0
    return form


def _conjugate(block: NDArray) -> NDArray:
    """Symplectic conjugate -S block^T S of a 2 x 2 matrix: its determinant times its inverse."""
    return np.array([[block[1, 1], -block[0, 1]], [-block[1, 0], block[0, 0]]], dtype=block.dtype)


def _mixing_matrix(gamma: object, mixing: NDArray) -> NDArray:
    """V = ((gamma, C), (-C+, gamma)), symplectic when gamma^2 + det C = 1; C -> -C gives its inverse."""
    unit = np.eye(2) * gamma
    return np.block([[unit, mixing], [-_conjugate(mixing), unit]])


def _trace(block: NDArray) -> object:
    return block[0, 0] + block[1, 1]


def _determinant(block: NDArray) -> object:
    return block[0, 0] * block[1, 1] - block[0, 1] * block[1, 0]


def _negligible(part: NDArray, whole: NDArray) -> bool:
    """True when `part` is round-off of `whole`, for series order by order."""

    def sizes(array: NDArray) -> NDArray:
        rows = [np.atleast_1d(entry.coefficients if isinstance(entry, TPS) else entry) for entry in array.flat]
        return np.abs(np.array(rows, dtype=float)).max(axis=0)

    return bool(np.all(sizes(part) <= UNCOUPLED * sizes(whole)))
