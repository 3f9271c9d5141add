"""Small lattices of the optics tests, as MAD-X text."""

# Six cells with sector bends, sextupoles and an octupole; slow protons, so that beta0 and delta(pzeta) matter.
RING = """
beam, particle=proton, pc=1.2;
lq = 0.4; lb = 1.2;
kqf = 0.78; kqd = -0.72; ksf = 1.5; ksd = -2.5; kskew = 0.0; kick = 0.0; vrf = 0.0;
qf: quadrupole, l=lq, k1:=kqf;
qd: quadrupole, l=lq, k1:=kqd;
sf: sextupole, l=0.2, k2:=ksf;
sd: sextupole, l=0.2, k2:=ksd;
oc: octupole, l=0.2, k3=20;
b: sbend, l=lb, angle=pi/6, e1=0.1, e2=0.05, k1=-0.03, fint=0.5, hgap=0.02;
sq: quadrupole, l=0.2, k1s:=kskew;
ch: hkicker, l=0.0, kick:=kick;
cav: rfcavity, l=0.0, volt:=vrf, lag=0.5, harmon=3;
cell: sequence, l=6;
    qf, at=0.4;
    sf, at=0.9;
    b, at=2.0;
    qd, at=3.2;
    sd, at=3.7;
    b, at=4.9;
endsequence;
ring: sequence, l=37;
    start: marker, at=0;
    cell, at=3;
    cell, at=9;
    cell, at=15;
    sq, at=18.2;
    oc, at=18.5;
    ch, at=18.8;
    cav, at=18.9;
    cell, at=22;
    cell, at=28;
    cell, at=34;
endsequence;
"""
