"""Beams of equal emittance and different shape: a picture of each in (x, px), and what a ring does to their moments."""

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
import numpy as np

from optics.matched_beam import BeamParameters, matched_beam
from tracking import MomentMonitor, load_madx, track
from tracking.beams import normalised_beam
from tracking.data import lattice_path

KINDS = {"gaussian": {}, "kv": {}, "waterbag": {}, "uniform": {}, "hollow": {"inner": 0.7}, "q-gaussian": {"q": 1.3}}

figure, panels = plt.subplots(2, 3, figsize=(9, 6), sharex=True, sharey=True, layout="constrained")
for panel, (kind, shape) in zip(panels.flat, KINDS.items(), strict=True):
    beam = normalised_beam(kind, 4096, 4, quiet=True, **shape)
    panel.plot(beam[:, 0], beam[:, 1], ",", color="tab:blue")
    panel.set_title(f"{kind} {shape or ''}")
    panel.set(xlim=(-4, 4), ylim=(-4, 4), aspect="equal")
figure.supxlabel("x [rms]")
figure.supylabel("px [rms]")
figure.savefig("distributions.png", dpi=110)

ring = load_madx(lattice_path("spear3.madx"))
for bucket in ("linear", "nonlinear"):
    parameters = BeamParameters(ex=1e-9, ey=1e-11, bucket=bucket, sigz=0.07, cut=2.2, quiet=True)
    length = MomentMonitor()
    track(ring, matched_beam(ring, 1024, parameters), 120, monitors=[length])
    sigma = np.sqrt(length.covariance[:, 0, 4, 4])
    print(f"{bucket} match: bunch length {sigma.min():.5f} to {sigma.max():.5f} m")
