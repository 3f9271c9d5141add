"""Lattice functions from the normalising matrices W along a line: Mais-Ripken, chromatic, Edwards-Teng.

Sources: H. Mais and G. Ripken, DESY M-82-05 (1982); D. Edwards and L. Teng, IEEE Trans. Nucl. Sci. 20, 885 (1973);
B. Montague, LEP Note 165 (1979) for the chromatic functions.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from optics.errors import CouplingError
from optics.twiss_result import TwissResult

TURN = 2.0 * np.pi


def mais_ripken(normalising: NDArray[np.float64]) -> dict[str, NDArray[np.float64]]:
    """Beta and alpha of modes 1 and 2 in x and y from W (n, 4 or 6, 4 or 6), by column name."""
    functions = {}
    for plane, mode, beta, alpha in (
        (0, 0, "betx", "alfx"), (1, 1, "bety", "alfy"), (0, 1, "beta12", "alfa12"), (1, 0, "beta21", "alfa21"),
    ):  # fmt: skip
        position = normalising[:, 2 * plane, 2 * mode : 2 * mode + 2]
        momentum = normalising[:, 2 * plane + 1, 2 * mode : 2 * mode + 2]
        functions[beta] = np.einsum("ni,ni->n", position, position)
        functions[alpha] = -np.einsum("ni,ni->n", position, momentum)
    return functions


def phase_advance(normalising: NDArray[np.float64], s: NDArray[np.float64], mode: int) -> NDArray[np.float64]:
    """Phase [2 pi] of a mode in its own plane, from 0 at the first place, counted on from place to place.

    A step forward in s may advance by up to 7/8 of a turn, a step backward by as much the other way.
    """
    own = normalising[:, 2 * mode, 2 * mode : 2 * mode + 2]
    angle = np.arctan2(own[:, 1], own[:, 0]) / TURN
    step, forward = np.diff(angle), np.diff(s) >= 0.0
    step = np.where(forward, (step + 0.125) % 1.0 - 0.125, 0.125 - (0.125 - step) % 1.0)
    return np.concatenate([[0.0], np.cumsum(step)])


def chromatic_functions(
    normalising: NDArray[np.float64], derivative: NDArray[np.float64]
) -> dict[str, NDArray[np.float64]]:
    """W functions and derivatives of the phases from W (n, 4, 4) and dW/d delta (n, 4, 4), by column name."""
    functions = {}
    for mode, plane in enumerate("xy"):
        own = slice(2 * mode, 2 * mode + 2)
        (q, p), (dq, dp) = (w[:, own, own].swapaxes(0, 1) for w in (normalising, derivative))
        beta, alpha = (q * q).sum(axis=1), -(q * p).sum(axis=1)
        beta_change = 2.0 * (q * dq).sum(axis=1) / beta
        alpha_change = -(dq * p + q * dp).sum(axis=1) - alpha * beta_change
        phase_change = (q[:, 0] * dq[:, 1] - q[:, 1] * dq[:, 0]) / beta / TURN
        functions[f"w{plane}"] = np.hypot(beta_change, alpha_change)
        functions[f"phi{plane}"] = np.arctan2(alpha_change, beta_change) / TURN
        functions[f"dmu{plane}"] = phase_change - phase_change[0]
    return functions


@dataclass(frozen=True, eq=False)
class EdwardsTeng:
    """Edwards-Teng parametrisation: decoupled lattice functions and the coupling matrix R, as in MAD-X TWISS.

    Attributes
    ----------
    betx, alfx, bety, alfy : (n,) arrays
        Lattice functions of the decoupled motion [m], [1].
    r : (n, 2, 2) array
        Coupling matrix: (x, px, y, py) = g ((1, R+), (-R, 1)) (decoupled coordinates), R+ the symplectic conjugate.
    g : (n,) array
        1/sqrt(1 + det R).
    """

    betx: NDArray[np.float64]
    alfx: NDArray[np.float64]
    bety: NDArray[np.float64]
    alfy: NDArray[np.float64]
    r: NDArray[np.float64]
    g: NDArray[np.float64]


def edwards_teng(result: TwissResult) -> EdwardsTeng:
    """Edwards-Teng functions of a four-dimensional `twiss` result.

    Raises
    ------
    CouplingError
        Where mode 1 has no share of x that a decoupled beta function could describe (a mode flip); names the place.
    """
    w = result.normalising
    if w.shape[1] != 4:
        raise CouplingError("the Edwards-Teng parametrisation is four-dimensional; use twiss(..., method='4d')")
    own = w[:, :2, :2]
    g_squared = np.linalg.det(own)
    if not g_squared.min() > 0.0:
        place = int(np.argmin(g_squared))
        raise CouplingError(
            f"no Edwards-Teng functions at {result.names[place]!r}: the modes are flipped there (g^2 = "
            f"{g_squared[place]:.6g}); use the Mais-Ripken functions betx, bety, beta12, beta21"
        )
    columns = result.columns
    return EdwardsTeng(
        betx=columns["betx"] / g_squared,
        alfx=columns["alfx"] / g_squared,
        bety=columns["bety"] / g_squared,
        alfy=columns["alfy"] / g_squared,
        r=-w[:, 2:, :2] @ np.linalg.inv(own),
        g=np.sqrt(g_squared),
    )
