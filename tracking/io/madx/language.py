"""Words of the MAD-X language: commands without effect here, and the classes of elements."""

from __future__ import annotations

# Commands that compute, print or plot; reading a lattice does not execute them.
ACTIONS = frozenset(
    """
    aperture assign chdir coguess constraint copyfile correct couple create delete deselect distribution dumpsequ dynap
    emit endmatch endtrack eoption eprint esave etable fill fill_knob fix getdisp getkick getorbit global gweight help
    ibs jacobian level lmdif match migrad observe plot print printf putdisp putkick putorbit readcorr readmytable
    readtable removefile renamefile resplot rmatrix run rviewer save save_state savebeta sddsin sddsout select
    select_ptc_normal set setcorr setplot setvars setvars_const setvars_knob setvars_lin show shrink siman simplex
    sixtrack sodd start survey sxfread sxfwrite system threader title tmatrix touschek track twiss use_macro usekick
    usemonitor value vary weight write coption beta0
    """.split()
)
ACTION_PREFIX = "ptc_"

# Commands that would change the lattice in MAD-X; they are not carried out either, and the report says so.
EDITS = frozenset(
    """
    add2expr cycle ealign efcomp endedit extract flatten install makethin move reflect remove replace resbeam ripple
    seqedit seterr taper
    """.split()
)

# Keywords of elements by the class of element that they become.
KEYWORDS = {
    "drift": "Drift",
    "marker": "Marker",
    "monitor": "Monitor",
    "hmonitor": "Monitor",
    "vmonitor": "Monitor",
    "blmonitor": "Monitor",
    "imonitor": "Monitor",
    "slmonitor": "Monitor",
    "instrument": "Monitor",
    "placeholder": "Monitor",
    "collimator": "Collimator",
    "ecollimator": "Collimator",
    "rcollimator": "Collimator",
    "quadrupole": "Quadrupole",
    "sextupole": "Sextupole",
    "octupole": "Octupole",
    "sbend": "SectorBend",
    "rbend": "RectangularBend",
    "multipole": "Multipole",
    "dipedge": "DipoleEdge",
    "solenoid": "Solenoid",
    "hkicker": "Kicker",
    "vkicker": "Kicker",
    "kicker": "Kicker",
    "tkicker": "Kicker",
    "rfcavity": "RFCavity",
    "crabcavity": "CrabCavity",
    "rfmultipole": "RFMultipole",
    "matrix": "Matrix",
    "translation": "Translation",
    "srotation": "Rotation",
    "xrotation": "Rotation",
    "yrotation": "Rotation",
    "changeref": "ChangeReference",
}

# Element keywords of MAD-X that have no map here.
UNMAPPED = frozenset(
    "beambeam changerefp0 elseparator hacdipole nllens sixmarker thinwire twcavity vacdipole wire".split()
)
