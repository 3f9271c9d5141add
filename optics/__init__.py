"""Optics of lattices: closed orbit, linear and chromatic optics, Taylor maps with knobs, plots, command line."""

from optics.closed_orbit import ClosedOrbit, closed_orbit
from optics.errors import CouplingError, LostOrbitError, NoClosedOrbitError, OpticsError, ScanError, UnstableMotionError
from optics.initial import InitialOptics
from optics.lattice_functions import EdwardsTeng, edwards_teng
from optics.maps import one_turn_map, one_turn_matrix, transfer_map, transfer_matrices
from optics.normal_modes import NormalModes, normal_modes, tunes
from optics.plot import plot_twiss
from optics.scans import scan
from optics.slicing import Slicing, converge_slices
from optics.twiss import twiss
from optics.twiss_result import TwissResult

__all__ = [
    "ClosedOrbit", "CouplingError", "EdwardsTeng", "InitialOptics", "LostOrbitError", "NoClosedOrbitError",
    "NormalModes", "OpticsError", "ScanError", "Slicing", "TwissResult", "UnstableMotionError", "closed_orbit",
    "converge_slices", "edwards_teng", "normal_modes", "one_turn_map", "one_turn_matrix", "plot_twiss", "scan",
    "transfer_map", "transfer_matrices", "tunes", "twiss",
]  # fmt: skip
