"""Op codes of the element maps: one line per map."""

from __future__ import annotations

from enum import IntEnum

VARIABLE = -1  # number of parameters of a map that takes as many as its row has


class Op(IntEnum):
    """Code of a map, with its number of parameters and whether it depends on zeta."""

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
    CURVED_QUADRUPOLE_KICK = 15, 2  # k1 ds, h
    CURVED_SEXTUPOLE_KICK = 16, 3  # k1 ds, k2 ds, h
    CURVED_MULTIPOLE_KICK = 17, VARIABLE  # coefficients of dV/dx and dV/dy
    SECTOR_BEND = 20, 6  # ds, h, k0, cos(h ds), sin(h ds)/h, (1 - cos(h ds))/h^2
    CURVATURE_KICK = 21, 3  # h ds, k0 ds, h k0 ds
    QUADRUPOLE_BODY = 22, 2  # ds, k1
    COMBINED_BODY = 23, 4  # ds, h, k0, k1
    THIN_CURVATURE = 24, 2  # horizontal and vertical angle
    ROTATION = 25, 2  # cosine, sine
    WEDGE = 26, 4  # k0, cosine, sine, 1 - cosine
    DIPOLE_FRINGE = 30, 1  # b
    DIPOLE_FRINGE_EXTENDED = 31, 3  # b, 2 fint hgap b, b^2/(72 fint hgap)
    POLE_FACE = 32, 1  # k0 times the face's curvature
    LINEAR_EDGE = 33, 3  # kx, ky, cubic
    FACE_KICK = 34, 2  # kx, ky
    MULTIPOLE_FRINGE = 35, VARIABLE  # -kn/(4 (n + 2) n!), -ksn/(4 (n + 2) n!), n = 0, 1, ...
    DIPOLE_FRINGE_INVERSE = 36, 1  # as of the forward map
    DIPOLE_FRINGE_EXTENDED_INVERSE = 37, 3  # as of the forward map
    POLE_FACE_INVERSE = 38, 1  # as of the forward map
    MULTIPOLE_FRINGE_INVERSE = 39, VARIABLE  # as of the forward map
    SOLENOID = 40, 2  # ks, ds
    SOLENOID_EXPANDED = 41, 2  # ks, ds
    THIN_SOLENOID = 42, 2  # ksi, ks ksi/4
    CAVITY_KICK = 43, 3, True  # V/(beta0 p0 c), k, phase
    CAVITY_FRINGE = 44, 3, True  # -V/(L p0 c) at the entrance, k, phase
    RF_MULTIPOLE_KICK = 45, VARIABLE, True  # k, gap's two amplitudes, then four strengths per order
    TRANSLATION = 46, 2  # dx, dy
    ROLL = 47, 2  # cosine, sine
    PATCH = 48, 12  # dx, dy, ds, then the new axes x, y, s in the old frame
    AFFINE = 49, 42, True  # kick, then the matrix row by row
    WIGGLER = 50, VARIABLE  # ds, then per harmonic qx, qy, two amplitudes of the potential
    RADIATION = 60, VARIABLE  # three constants, ds, h ds, ks, then kn/n!, ksn/n!, ..., k0, k0s
    RADIATION_CURVED = 61, VARIABLE  # three constants, ds, h, k0, then coefficients of dV/dx and dV/dy
    GAUSSIAN_RADIATION = 62, VARIABLE  # as of the mean loss, which this is in Taylor maps; so the next ones
    GAUSSIAN_RADIATION_CURVED = 63, VARIABLE
    PHOTONS = 64, VARIABLE
    PHOTONS_CURVED = 65, VARIABLE
    RADIATION_WIGGLER = 66, VARIABLE  # three constants, ds, then per harmonic qx, qy, amplitudes (two, two), k^2
    GAUSSIAN_RADIATION_WIGGLER = 67, VARIABLE
    PHOTONS_WIGGLER = 68, VARIABLE
    RADIATION_COMBINED = 69, 8  # three constants, ds, h, k0, k1, k2
    GAUSSIAN_RADIATION_COMBINED = 70, 8
    PHOTONS_COMBINED = 71, 8


RADIATING = frozenset(op for op in Op if 60 <= op < 80)  # synchrotron radiation
