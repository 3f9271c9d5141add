"""Small rings of our own making, as MAD-X text, each with what another code can get wrong."""

from __future__ import annotations

PLAIN = """
beam, particle=proton, pc=1.7;
qf: quadrupole, l=0.4, k1=0.75;
qd: quadrupole, l=0.4, k1=-0.72;
mb: sbend, l=1.5, angle=twopi/16, e1=twopi/32, e2=twopi/32;
sf: sextupole, l=0.2, k2=1.3;
sd: sextupole, l=0.2, k2=-2.1;
oc: octupole, l=0.1, k3=20.0;
tm: multipole, knl={0, 0, 0.05}, ksl={0, 0, 0, 0.4};
d1: drift, l=0.3;
d2: drift, l=0.5;
cell: line=(qf, d1, sf, d1, mb, d2, qd, d1, sd, d1, mb, d2);
ring: line=(7*cell, qf, d1, sf, d1, mb, d2, qd, oc, tm, d1, sd, d1, mb, d2);
use, sequence=ring;
"""

COMBINED = """
beam, particle=electron, energy=1.5;
bf: sbend, l=1.0, angle=twopi/24, k1=0.55, k2=0.8, e1=0.02, e2=0.03, fint=0.5, hgap=0.02;
bd: rbend, l=1.0, angle=twopi/24, k1=-0.6, fint=0.4, hgap=0.015;
sf: sextupole, l=0.15, k2=9.0;
sd: sextupole, l=0.15, k2=-14.0;
d1: drift, l=0.4;
cell: line=(bf, d1, sf, d1, bd, d1, sd, d1);
ring: line=(12*cell);
use, sequence=ring;
"""

COUPLED = """
beam, particle=antiproton, pc=0.3;
qf: quadrupole, l=0.4, k1=0.75;
qd: quadrupole, l=0.4, k1=-0.72;
sq: quadrupole, l=0.2, k1s=0.04;
tq: quadrupole, l=0.2, k1=0.05, tilt=0.3;
mb: sbend, l=1.5, angle=twopi/16;
so: solenoid, l=0.6, ks=0.12;
hk: hkicker, l=0.1, kick=2e-4;
vk: vkicker, l=0, kick=-1e-4;
d1: drift, l=0.3;
d2: drift, l=0.5;
cell: line=(qf, d2, mb, d2, qd, d2, mb, d2);
ring: line=(so, 4*cell, sq, hk, 2*cell, tq, d1, vk, 2*cell);
use, sequence=ring;
"""

CAVITY = PLAIN.replace("use, sequence=ring;", "").replace(
    "ring: line=(", "rf: rfcavity, l=0.3, volt=0.08, harmon=2, lag=0.5;\nring: line=(rf, "
)

HARD_EDGED = COMBINED.replace(", fint=0.5, hgap=0.02", "").replace(", fint=0.4, hgap=0.015", "")

LATTICES = {"plain": PLAIN, "combined": COMBINED, "coupled": COUPLED, "cavity": CAVITY, "hard_edged": HARD_EDGED}
