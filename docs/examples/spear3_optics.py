from optics import one_turn_map, plot_twiss, twiss
from tracking import load_madx, track
from tracking.data import lattice_path

ring = load_madx(lattice_path("spear3.madx")).with_settings(rf=False)
print(ring.report)  # what the reader assumed, approximated or ignored

result = twiss(ring, order=3)
print(result.q1, result.q2)  # tunes with integer part
print(result.chromaticity)  # Taylor coefficients of delta, delta^2, delta^3
result.to_tfs("spear3.tfs")
plot_twiss(result, "spear3.png")

turn = one_turn_map(ring, order=4)  # Taylor map about the closed orbit
print(turn.jacobian())  # 6x6 matrix in (x, px, y, py, zeta, pzeta)
particle = [1e-3, 0.0, 1e-3, 0.0, 0.0, 0.0]
print(turn(particle))  # one turn by the map
print(track(ring, [particle]).coordinates)  # the same turn, element by element
