"""One row per op code: parameters that every test of all maps runs with. An op without a case fails the suite."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from tpsa.gmath import stumpff
from tracking.lower.curved import curved_potential, potential_gradient
from tracking.lower.geometry import Frame, product, rotation
from tracking.ops import RADIATING, Op

ANGLE = 0.3
COSINE, SINE = math.cos(ANGLE), math.sin(ANGLE)


def sector(ds: float, h: float, k0: float) -> tuple[float, ...]:
    u = (h * ds) ** 2
    return ds, h, k0, stumpff(0, u), ds * stumpff(1, u), ds * ds * stumpff(2, u)


def symplectic_matrix() -> tuple[float, ...]:
    turn = np.kron(np.eye(3), [[COSINE, SINE], [-SINE, COSINE]])
    shear = np.eye(6)
    shear[1, 2] = shear[3, 0] = 0.7
    return tuple((turn @ shear).ravel().tolist())


def patch() -> tuple[Any, ...]:
    axes = product(rotation("x", 0.05), product(rotation("y", -0.04), rotation("s", 0.2)))
    ((_, parameters),) = Frame((1e-3, -2e-3, 3e-2), axes).rows()
    return parameters


CURVED = tuple(potential_gradient(curved_potential([(0.0, 0.2), (1.0, 0.5), (3.0, 2.0), (20.0, 10.0)], 0.9)))
PHOTONS = (40.0, 3e-3, 1.4)  # strong: a loss of some per cent
FRINGE = (0.0, 0.1, -0.25, 0.2)

CASES: dict[Op, list[tuple[Any, ...]]] = {
    Op.DRIFT: [(0.4,)],
    Op.DRIFT_EXPANDED: [(0.4,)],
    Op.DRIFT_CORRECTION: [(0.4,)],
    Op.QUADRUPOLE_KICK: [(0.8,)],
    Op.SKEW_QUADRUPOLE_KICK: [(0.8,)],
    Op.SEXTUPOLE_KICK: [(8.0,)],
    Op.OCTUPOLE_KICK: [(80.0,)],
    Op.MULTIPOLE_KICK: [(5.0, 2.0, 1.0, -3.0, 0.5, 0.2, 0.01, 0.02)],
    Op.CURVED_QUADRUPOLE_KICK: [(0.7, 0.9), (0.7, 0.0)],
    Op.CURVED_SEXTUPOLE_KICK: [(0.7, 3.0, 0.9)],
    Op.CURVED_MULTIPOLE_KICK: [CURVED],
    Op.SECTOR_BEND: [
        sector(0.4, 0.9, 0.9), sector(0.4, 0.9, 0.2), sector(0.4, 0.0, 0.2), sector(0.4, 0.9, 0.0),
        sector(0.4, 3.5e-4, 3.6e-4), sector(0.4, 0.0, 0.0),
    ],
    Op.CURVATURE_KICK: [(0.2, 0.3, 0.1)],
    Op.QUADRUPOLE_BODY: [(0.4, 1.2), (0.4, -1.2), (0.4, 0.0)],
    Op.COMBINED_BODY: [(0.4, 0.9, 0.8, 1.2), (0.4, 0.9, 0.8, -1.2), (0.4, 0.0, 0.8, 0.0)],
    Op.THIN_CURVATURE: [(0.2, 0.1)],
    Op.ROTATION: [(COSINE, SINE)],
    Op.WEDGE: [(0.9, COSINE, -SINE, 1.0 - COSINE), (0.0, COSINE, SINE, 1.0 - COSINE)],
    Op.DIPOLE_FRINGE: [(0.9,), (-0.9,)],
    Op.DIPOLE_FRINGE_EXTENDED: [(0.9, 0.036, 0.5625)],
    Op.POLE_FACE: [(0.5,)],
    Op.LINEAR_EDGE: [(0.3, 0.2, 5.0)],
    Op.FACE_KICK: [(0.3, 0.2)],
    Op.MULTIPOLE_FRINGE: [FRINGE],
    Op.DIPOLE_FRINGE_INVERSE: [(0.9,)],
    Op.DIPOLE_FRINGE_EXTENDED_INVERSE: [(0.9, 0.036, 0.5625)],
    Op.POLE_FACE_INVERSE: [(0.5,)],
    Op.MULTIPOLE_FRINGE_INVERSE: [FRINGE],
    Op.SOLENOID: [(0.8, 0.4), (0.0, 0.4)],
    Op.SOLENOID_EXPANDED: [(0.8, 0.4)],
    Op.THIN_SOLENOID: [(0.5, 0.1)],
    Op.CAVITY_KICK: [(1e-2, 40.0, 0.4)],
    Op.CAVITY_FRINGE: [(-1e-2, 40.0, 0.4)],
    Op.RF_MULTIPOLE_KICK: [(40.0, 1e-3, 2e-3, 1e-2, 0.0, 0.0, 2e-2, 0.3, 0.1, 0.2, 0.4)],
    Op.TRANSLATION: [(1e-3, -2e-3)],
    Op.ROLL: [(COSINE, SINE)],
    Op.PATCH: [patch()],
    Op.AFFINE: [(*[1e-3, 0.0, 2e-3, 1e-4, 0.0, 0.0], *symplectic_matrix())],
    Op.WIGGLER: [(0.03, 400.0, -3600.0, 0.01, 0.0, -2100.0, 500.0, 0.0, 0.01), (0.03, 0.0, -1600.0, 0.02, 0.01)],
    Op.RADIATION_COMBINED: [(*PHOTONS, 0.4, 0.9, 0.9, 1.0, 3.0)],
    **dict.fromkeys((Op.GAUSSIAN_RADIATION_COMBINED, Op.PHOTONS_COMBINED), [(*PHOTONS, 0.4, 0.9, 0.9, 1.0, 3.0)]),
    Op.RADIATION_WIGGLER: [(*PHOTONS, 0.4, 4.0, -20.0, 0.1, 0.05, 0.6, 0.4, 16.0)],
    **dict.fromkeys(
        (Op.GAUSSIAN_RADIATION_WIGGLER, Op.PHOTONS_WIGGLER), [(*PHOTONS, 0.4, 0.0, -16.0, 0.0, 0.0, 0.6, 0.0, 16.0)]
    ),
    **dict.fromkeys((Op.GAUSSIAN_RADIATION, Op.PHOTONS), [(*PHOTONS, 0.4, 0.36, 0.0, 0.9, 0.0)]),
    **dict.fromkeys((Op.GAUSSIAN_RADIATION_CURVED, Op.PHOTONS_CURVED), [(*PHOTONS, 0.4, 0.9, 0.9, *CURVED)]),
    Op.RADIATION: [(*PHOTONS, 0.4, 0.36, 0.3, 0.5, 0.2, 0.9, 0.0), (*PHOTONS, 0.0, 0.3, 0.0, 0.9, 0.0)],
    Op.RADIATION_CURVED: [(*PHOTONS, 0.4, 0.9, 0.9, *CURVED)],
}  # fmt: skip

QUANTUM = tuple(op for op in RADIATING if op.name.startswith(("GAUSSIAN", "PHOTONS")))
DISSIPATIVE = tuple(RADIATING)  # tests/tracking/test_radiation.py has their determinants

ALL = [(op, parameters) for op, rows in CASES.items() for parameters in rows]
NAMES = [f"{op.name.lower()}-{i}" for op, rows in CASES.items() for i in range(len(rows))]
