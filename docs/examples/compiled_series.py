"""Your own compiled function on Taylor series: the map of a pendulum's swing, and its derivative by the strength.

Any function decorated with numba.njit takes floats or `tpsa.TPS`; it is compiled once for each.
Run: python docs/examples/compiled_series.py
"""

import numba
import numpy as np

from tpsa import Descriptor, TaylorMap
from tpsa.gmath import sin


@numba.njit
def swing(angle, momentum, strength, steps):
    """`steps` leapfrog steps of 0.05 of the pendulum H = momentum^2/2 - strength cos(angle)."""
    for _ in range(steps):
        angle = angle + 0.025 * momentum
        momentum = momentum - 0.05 * (strength * sin(angle))
        angle = angle + 0.025 * momentum
    return angle, momentum


def main() -> None:
    descriptor = Descriptor(2, 8, parameters=1, parameter_order=6, names=("angle", "momentum", "strength"))
    start = descriptor.identity([0.4, 0.0])
    angle, momentum = swing(*start, descriptor.parameter(0, 1.0), 20)
    print("d angle/d strength:", angle[0, 0, 1], " d2 angle/d start2:", 2.0 * angle[2, 0, 0])
    taylor = TaylorMap((angle, momentum))

    deviation = np.array([0.02, -0.01, 0.03])
    floats = swing(0.4 + deviation[0], deviation[1], 1.0 + deviation[2], 20)
    print("series and floats differ by", np.abs(taylor(deviation) - floats).max())


if __name__ == "__main__":
    main()
