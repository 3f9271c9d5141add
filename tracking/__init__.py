"""Accelerator lattices and their maps: elements, lines, readers and engines. See docs/ for conventions."""

from tracking.acceleration import accelerated
from tracking.elements import (
    ChangeReference,
    Collimator,
    CrabCavity,
    DipoleEdge,
    Drift,
    Element,
    Kicker,
    Marker,
    Matrix,
    Misalignment,
    Monitor,
    Multipole,
    Octupole,
    Quadrupole,
    RectangularBend,
    ReferenceEnergyChange,
    RFCavity,
    RFMultipole,
    Rotation,
    SectorBend,
    Sextupole,
    Solenoid,
    Translation,
    Wiggler,
)
from tracking.engine_float import TrackResult, track
from tracking.errors import ElementError, InputError
from tracking.io.madx import load_madx
from tracking.knobs import Expression, Knobs
from tracking.line import Line
from tracking.lower import Context, Lowered, lower
from tracking.monitor import MomentMonitor, ParticleMonitor
from tracking.pack import PackedLine, pack
from tracking.reference import ReferenceParticle
from tracking.settings import Settings
from tracking.user_maps import register_map

__all__ = [
    "ChangeReference", "Collimator", "Context", "CrabCavity", "DipoleEdge", "Drift", "Element", "ElementError",
    "Expression", "InputError", "Kicker", "Knobs", "Line", "Lowered", "Marker", "Matrix", "Misalignment",
    "MomentMonitor", "Monitor", "Multipole", "Octupole", "PackedLine", "ParticleMonitor", "Quadrupole", "RFCavity",
    "RFMultipole", "RectangularBend", "ReferenceEnergyChange", "ReferenceParticle", "Rotation", "SectorBend",
    "Settings", "Sextupole", "Solenoid", "TrackResult", "Translation", "Wiggler", "accelerated", "load_madx", "lower",
    "pack", "register_map", "track",
]  # fmt: skip
