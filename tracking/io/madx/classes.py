"""Attributes of the element classes of MAD-X: which field each one becomes."""

from __future__ import annotations

from functools import cache

from tracking.io.madx.language import KEYWORDS

ARRAYS = frozenset("knl ksl pnl psl patch_trans patch_ang aperture aper_offset aper_tol aper_vx aper_vy".split())
TEXTS = frozenset("apertype type comments lfile tfile rbend_length f3string".split())

# Attributes that no map here uses; kept with the element.
KEPT = frozenset(
    """
    assembly_id calib comments kmax kmin lrad magnet mech_sep polarity slot_id thick type v_pos slice model method exact
    nst aper_tol apertype aperture aper_offset aper_vx aper_vy
    """.split()
)
MISALIGNMENT = ("dx", "dy", "ds", "dtheta", "dphi", "dpsi")
_COMMON = ("l", "tilt", *MISALIGNMENT)
_MULTIPOLES = ("knl", "ksl")
_FACES = ("e1", "e2", "h1", "h2", "fint", "fintx", "hgap", "kill_ent_fringe", "kill_exi_fringe")
_BEND = ("angle", "k0", "k0s", "k1", "k1s", "k2", "k2s", "k3", "k3s", *_FACES, *_MULTIPOLES)
_CAVITY = ("volt", "lag", "freq", "harmon")
_MATRIX = (*(f"kick{i}" for i in range(1, 7)), *(f"rm{i}{j}" for i in range(1, 7) for j in range(1, 7)))
SECOND_ORDER = tuple(f"tm{i}{j}{k}" for i in range(1, 7) for j in range(1, 7) for k in range(1, 7))

ATTRIBUTES: dict[str, tuple[str, ...]] = {
    "Drift": (),
    "Marker": (),
    "Monitor": (),
    "Collimator": (),
    "Quadrupole": ("k1", "k1s", *_MULTIPOLES),
    "Sextupole": ("k2", "k2s", *_MULTIPOLES),
    "Octupole": ("k3", "k3s", *_MULTIPOLES),
    "SectorBend": _BEND,
    "RectangularBend": (*_BEND, "true_rbend"),
    "Multipole": ("lrad", "angle", *_MULTIPOLES),
    "DipoleEdge": ("h", "e1", "fint", "hgap"),
    "Solenoid": ("ks", "ksi", *_MULTIPOLES),
    "Kicker": ("kick", "hkick", "vkick"),
    "RFCavity": _CAVITY,
    "CrabCavity": _CAVITY,
    "RFMultipole": (*_CAVITY, *_MULTIPOLES, "pnl", "psl"),
    "Matrix": (*_MATRIX, *SECOND_ORDER),
    "Translation": (),
    "Rotation": ("angle",),
    "ChangeReference": ("patch_trans", "patch_ang"),
}


@cache
def allowed_attributes(keyword: str) -> frozenset[str]:
    """Attributes of an element keyword that have an effect here or are kept; an unknown keyword is a drift."""
    return frozenset((*_COMMON, *KEPT, *ATTRIBUTES[KEYWORDS.get(keyword, "Drift")]))


def is_text(attribute: str) -> bool:
    """Whether the value of an attribute is a word, not a number."""
    return attribute in TEXTS
