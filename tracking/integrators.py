"""Symmetric compositions of the second-order drift-kick-drift step, of true order 2, 4, 6 and 8."""

from __future__ import annotations

from tracking.errors import InputError

# Weights of the second-order steps up to and including the middle one; the rest mirrors them.
# 4: Forest and Ruth, Physica D 43 (1990) 105. 6: Yoshida, Phys. Lett. A 150 (1990) 262, solution A.
# 8: Suzuki and Umeno, in Computer Simulation Studies in Condensed-Matter Physics VI (1993), 15 steps.
CUBE_ROOT = 2.0 ** (1.0 / 3.0)
STEPS = {
    2: (1.0,),
    4: (1.0 / (2.0 - CUBE_ROOT), -CUBE_ROOT / (2.0 - CUBE_ROOT)),
    6: (0.784513610477557263819, 0.235573213359358133685, -1.177679984178871006946, 1.315186320683911218884),
    8: (
        0.74167036435061295344822780, -0.40910082580003159399730010, 0.19075471029623837995387626,
        -0.57386247111608226665638773, 0.29906418130365592384446354, 0.33462491824529818378495798,
        0.31529309239676659663205666, -0.79688793935291635401978884,
    ),
}  # fmt: skip


def composition(order: int) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Weights of drifts and kicks of one slice: drift[0], kick[0], drift[1], ..., kick[-1], drift[-1].

    Parameters
    ----------
    order : {2, 4, 6, 8}
        Order of the local error minus one.

    Returns
    -------
    drift_weights, kick_weights : tuples of n + 1 and n floats, each of sum 1

    Raises
    ------
    InputError
        For another order.
    """
    if order not in STEPS:
        raise InputError(f"integrator: order {order!r}; expected one of {tuple(STEPS)}")
    half = STEPS[order]
    steps = half + half[-2::-1]
    drifts = (0.5 * steps[0], *(0.5 * (a + b) for a, b in zip(steps, steps[1:], strict=False)), 0.5 * steps[-1])
    return drifts, steps
