"""Taylor map, 6 variables to order 8, of your own compiled function: here a sextupole by exact drifts and kicks."""

from numba import njit

from tpsa import Descriptor, TaylorMap
from tpsa.gmath import sqrt


@njit
def sextupole(x, px, y, py, z, delta, k2, step, steps):
    for i in range(2 * steps):  # half a drift, kick, half a drift
        h = 0.5 * step / sqrt((1 + delta) ** 2 - px**2 - py**2)
        x, y, z = x + h * px, y + h * py, z + 0.5 * step - h * (1 + delta)
        if i % 2 == 0:
            px, py = px - 0.5 * k2 * step * (x**2 - y**2), py + k2 * step * x * y
    return x, px, y, py, z, delta


m = TaylorMap(sextupole(*Descriptor(6, 8, names=("x", "px", "y", "py", "z", "delta")).identity(), 12.0, 0.1, 5))
print("x gets x^2 delta times", m[0]["x^2 delta"], " symplectic to", m.symplectic_error().series)
print("map and function:", m([0.01] * 6), sextupole(*[0.01] * 6, 12.0, 0.1, 5), sep="\n")
print("right to 1e-12 within +-", m.radius(1e-12, [1e-3] * 6), "mm and mrad")
