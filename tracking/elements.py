"""Elements of a lattice: frozen records of fields, without physics.

A field of type ``Value`` is a number or a knob `Expression`; everything downstream evaluates it generically, so that
it may become a Taylor series or a traced JAX value. Strengths are MAD-X ones:
By + i Bx = (p0/q) sum (kn + i ksn)(x + iy)^n/n!.
Lengths in m, angles in rad, voltages in V, frequencies in Hz, lags in units of 2 pi.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

from tracking.apertures import Aperture
from tracking.knobs import Value


@dataclass(frozen=True, kw_only=True)
class Misalignment:
    """Rigid displacement of an element's body; order and reference point in docs/conventions.md.

    dx, dy, ds [m] move the entrance of the element; dtheta, dphi, dpsi [rad] then rotate it about the y, x and s axes
    (MAD-X EALIGN signs).
    """

    dx: Value = 0.0
    dy: Value = 0.0
    ds: Value = 0.0
    dtheta: Value = 0.0
    dphi: Value = 0.0
    dpsi: Value = 0.0


@dataclass(frozen=True, kw_only=True)
class Element:
    """What every element has.

    Parameters
    ----------
    length : Value
        Arc length along the reference orbit [m].
    tilt : Value
        Roll about the s axis [rad]; the field turns, the reference orbit's plane with it.
    misalignment, aperture : optional
    settings : mapping
        Overrides of the line's `Settings` for this element, such as ``{"model": "expanded", "slices": 4}``.
    keyword : str
        MAD-X keyword that the element came from; the class's own when empty.
    attributes : mapping
        Attributes of the file that no map uses (slot_id, assembly_id, ...), kept for writing and searching.
    """

    KEYWORD: ClassVar[str] = "element"

    length: Value = 0.0
    tilt: Value = 0.0
    misalignment: Misalignment | None = None
    aperture: Aperture | None = None
    settings: Mapping[str, Any] = field(default_factory=dict)
    keyword: str = ""
    attributes: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not self.keyword:
            object.__setattr__(self, "keyword", self.KEYWORD)


@dataclass(frozen=True, kw_only=True)
class Drift(Element):
    """Field-free space."""

    KEYWORD: ClassVar[str] = "drift"


@dataclass(frozen=True, kw_only=True)
class Marker(Element):
    """A named place; no length, no field."""

    KEYWORD: ClassVar[str] = "marker"


@dataclass(frozen=True, kw_only=True)
class Monitor(Drift):
    """A drift with a name: monitor, hmonitor, vmonitor, instrument, placeholder."""

    KEYWORD: ClassVar[str] = "monitor"


@dataclass(frozen=True, kw_only=True)
class Collimator(Drift):
    """A drift with an aperture."""

    KEYWORD: ClassVar[str] = "collimator"


@dataclass(frozen=True, kw_only=True)
class Magnet(Element):
    """A thick magnet: integrated multipole errors on top of its main field.

    knl, ksl : tuples of Value
        Integrated normal and skew strengths k_n L [1/m^n], spread evenly over the length.
    """

    knl: tuple[Value, ...] = ()
    ksl: tuple[Value, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Quadrupole(Magnet):
    """k1, k1s: normal and skew gradient [1/m^2]."""

    KEYWORD: ClassVar[str] = "quadrupole"

    k1: Value = 0.0
    k1s: Value = 0.0


@dataclass(frozen=True, kw_only=True)
class Sextupole(Magnet):
    """k2, k2s: normal and skew strength [1/m^3]."""

    KEYWORD: ClassVar[str] = "sextupole"

    k2: Value = 0.0
    k2s: Value = 0.0


@dataclass(frozen=True, kw_only=True)
class Octupole(Magnet):
    """k3, k3s: normal and skew strength [1/m^4]."""

    KEYWORD: ClassVar[str] = "octupole"

    k3: Value = 0.0
    k3s: Value = 0.0


@dataclass(frozen=True, kw_only=True)
class SectorBend(Magnet):
    """Sector bend; also the parent of the rectangular bend.

    angle [rad] bends the reference orbit with curvature angle/length; k0 [1/m] is the dipole field (None:
    angle/length), independent of the curvature. k1, k2 [1/m^2, 1/m^3] act in the curved frame. e1, e2 [rad] pole-face
    rotations, h1, h2 [1/m] pole-face curvatures, fint, fintx field integrals at entrance and exit (fintx None: fint),
    hgap [m] half gap.
    kill_entrance_fringe, kill_exit_fringe leave the edge map out. k0s [1/m] skew dipole, k1s [1/m^2] skew gradient.
    """

    KEYWORD: ClassVar[str] = "sbend"

    angle: Value = 0.0
    k0: Value | None = None
    k0s: Value = 0.0
    k1: Value = 0.0
    k1s: Value = 0.0
    k2: Value = 0.0
    e1: Value = 0.0
    e2: Value = 0.0
    h1: Value = 0.0
    h2: Value = 0.0
    fint: Value = 0.0
    fintx: Value | None = None
    hgap: Value = 0.0
    kill_entrance_fringe: bool = False
    kill_exit_fringe: bool = False


@dataclass(frozen=True, kw_only=True)
class RectangularBend(SectorBend):
    """Rectangular bend: ``length`` is the arc; angle/2 is added to e1 and e2 on top of the stored values.

    chord : Value or None
        Straight length that the file gave when `option, rbarc` is on; ``length`` was computed from it.
    """

    KEYWORD: ClassVar[str] = "rbend"

    chord: Value | None = None


@dataclass(frozen=True, kw_only=True)
class Multipole(Element):
    """Thin multipole of any order.

    knl, ksl : integrated strengths k_n L [1/m^n]. lrad [m]: fictitious length. angle [rad]: bend of the reference orbit
    (None: knl[0], as MAD-X has it).
    """

    KEYWORD: ClassVar[str] = "multipole"

    knl: tuple[Value, ...] = ()
    ksl: tuple[Value, ...] = ()
    lrad: Value = 0.0
    angle: Value | None = None


@dataclass(frozen=True, kw_only=True)
class DipoleEdge(Element):
    """Thin edge of a bend of curvature h [1/m]: face angle e1 [rad], fint, hgap [m] (MAD-X DIPEDGE)."""

    KEYWORD: ClassVar[str] = "dipedge"

    h: Value = 0.0
    e1: Value = 0.0
    fint: Value = 0.0
    hgap: Value = 0.0


@dataclass(frozen=True, kw_only=True)
class Solenoid(Magnet):
    """ks [1/m] = Bs q/p0 over the length; ksi [1] = integrated strength of a thin one (length 0)."""

    KEYWORD: ClassVar[str] = "solenoid"

    ks: Value = 0.0
    ksi: Value = 0.0


@dataclass(frozen=True, kw_only=True)
class Wiggler(Element):
    """Wiggler or undulator of given period [m]: harmonics of a vertical and of a horizontal field.

    With kz = harmonic 2 pi/period and s from the entrance, the vertical field is on the midplane
    (q/p0) By = sum k0 cos(kx x) cos(kz s + phase), the horizontal one where x = 0
    (q/p0) Bx = sum k0s cos(ky y) cos(kz s + phase_s). k0, k0s [1/m], kx, ky [1/m], phase, phase_s [rad]; what a list
    has no value for is harmonic 1, kx or ky 0, phase 0. `slices` of the settings count in each period.
    """

    KEYWORD: ClassVar[str] = "wiggler"

    period: Value = 0.0
    k0: tuple[Value, ...] = ()
    harmonic: tuple[Value, ...] = ()
    kx: tuple[Value, ...] = ()
    phase: tuple[Value, ...] = ()
    k0s: tuple[Value, ...] = ()
    harmonic_s: tuple[Value, ...] = ()
    ky: tuple[Value, ...] = ()
    phase_s: tuple[Value, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Kicker(Element):
    """Orbit corrector: hkick is added to px, vkick to py [1], spread over the length."""

    KEYWORD: ClassVar[str] = "kicker"

    hkick: Value = 0.0
    vkick: Value = 0.0


@dataclass(frozen=True, kw_only=True)
class RFCavity(Element):
    """volt [V], lag [2 pi], and freq [Hz] or harmon (with the line's revolution frequency), whichever is not None.

    transit_time : bool
        Thick cavity as PTC has it (standing wave seen on the way through); False: one kick in the middle, as MAD-X
        TRACK.
    """

    KEYWORD: ClassVar[str] = "rfcavity"

    volt: Value = 0.0
    lag: Value = 0.0
    freq: Value | None = None
    harmon: Value | None = None
    transit_time: bool = True


@dataclass(frozen=True, kw_only=True)
class CrabCavity(RFCavity):
    """Transverse deflecting cavity, kick in x; tilt = pi/2 crabs in y."""

    KEYWORD: ClassVar[str] = "crabcavity"


@dataclass(frozen=True, kw_only=True)
class RFMultipole(RFCavity):
    """Thin multipole whose strengths oscillate: knl, ksl [1/m^n] with phases pnl, psl [2 pi]."""

    KEYWORD: ClassVar[str] = "rfmultipole"

    knl: tuple[Value, ...] = ()
    ksl: tuple[Value, ...] = ()
    pnl: tuple[Value, ...] = ()
    psl: tuple[Value, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Matrix(Element):
    """A user's own linear map: kick (6,) and matrix (6, 6), row by row, in (x, px, y, py, zeta, pzeta)."""

    KEYWORD: ClassVar[str] = "matrix"

    kick: tuple[Value, ...] = (0.0,) * 6
    matrix: tuple[Value, ...] = tuple(float(i == j) for i in range(6) for j in range(6))


@dataclass(frozen=True, kw_only=True)
class Translation(Element):
    """Patch: the reference frame moves by (dx, dy, ds) [m]."""

    KEYWORD: ClassVar[str] = "translation"

    dx: Value = 0.0
    dy: Value = 0.0
    ds: Value = 0.0


@dataclass(frozen=True, kw_only=True)
class Rotation(Element):
    """Patch: the frame turns by angle [rad] about axis "x", "y" or "s" (MAD-X XROTATION, YROTATION, SROTATION)."""

    KEYWORD: ClassVar[str] = "rotation"

    axis: str = "s"
    angle: Value = 0.0


@dataclass(frozen=True, kw_only=True)
class ChangeReference(Element):
    """Patch of MAD-X CHANGEREF: rotations about x, y and s by angles [rad], then translation (dx, dy, ds) [m]."""

    KEYWORD: ClassVar[str] = "changeref"

    translation: tuple[Value, Value, Value] = (0.0, 0.0, 0.0)
    angles: tuple[Value, Value, Value] = (0.0, 0.0, 0.0)


@dataclass(frozen=True, kw_only=True)
class ReferenceEnergyChange(Element):
    """From here on the reference particle has `gain` [eV] more energy, and is the one that comes here with `zeta` [m].

    Particles go on as they were: their coordinates are measured anew. Strengths of the elements behind are normalised
    with the new momentum. `tracking.accelerated` puts one behind every cavity.
    """

    KEYWORD: ClassVar[str] = "reference_energy_change"

    gain: Value = 0.0
    zeta: Value = 0.0
