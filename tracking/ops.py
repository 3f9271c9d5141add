"""Op codes of the element maps: one line per map."""

from __future__ import annotations

from enum import IntEnum

VARIABLE = -1  # number of parameters of a map that takes as many as its row has


class Op(IntEnum):
    """Code of a map, with its number of parameters and whether it changes pzeta or depends on zeta."""

    def __new__(cls, code: int, parameters: int, uses_zeta: bool = False) -> Op:
        member = int.__new__(cls, code)
        member._value_ = code
        member.parameters = parameters
        member.uses_zeta = uses_zeta
        return member

    parameters: int
    uses_zeta: bool

    DRIFT = 0, 1  # ds
    DRIFT_EXPANDED = 1, 1  # ds
    DRIFT_CORRECTION = 2, 1  # ds
    QUADRUPOLE_KICK = 10, 1  # k1 ds
    SKEW_QUADRUPOLE_KICK = 11, 1  # k1s ds
    SEXTUPOLE_KICK = 12, 1  # k2 ds
    OCTUPOLE_KICK = 13, 1  # k3 ds
    MULTIPOLE_KICK = 14, VARIABLE  # kn ds/n!, ksn ds/n!, ..., k0 ds, k0s ds
    SOLENOID = 41, 2  # ks, ds
    SOLENOID_EXPANDED = 42, 2  # ks, ds
    THIN_SOLENOID = 43, 2  # ksi, ks ksi/4
    CAVITY_KICK = 44, 3, True  # V/(beta0 p0 c), k, phase
    RF_MULTIPOLE_KICK = 45, VARIABLE, True  # k, gap's two amplitudes, then four strengths per order
    TRANSLATION = 46, 2  # dx, dy
    ROLL = 47, 2  # cosine, sine
    PATCH = 48, 12  # dx, dy, ds, then the new axes x, y, s in the old frame
    AFFINE = 49, 42, True  # kick, then the matrix row by row
