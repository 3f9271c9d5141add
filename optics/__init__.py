"""Optics of lattices: closed orbit, linear and chromatic optics, Taylor maps with knobs, plots, command line."""

from optics.closed_orbit import ClosedOrbit, closed_orbit
from optics.detuning import AmplitudeDetuning, amplitude_detuning
from optics.dynamic_aperture import ApertureGrid, DynamicAperture, aperture_grid, dynamic_aperture
from optics.envelope import Envelope, envelope
from optics.errors import CouplingError, LostOrbitError, NoClosedOrbitError, OpticsError, ScanError, UnstableMotionError
from optics.frequency import SpectralLines, naff
from optics.frequency_map import FrequencyMap, frequency_map
from optics.initial import InitialOptics
from optics.lattice_errors import AlignmentErrors, ErrorTable, FieldComponents, FieldErrors, apply_errors
from optics.lattice_functions import EdwardsTeng, edwards_teng
from optics.maps import one_turn_map, one_turn_matrix, transfer_map, transfer_matrices
from optics.momentum_aperture import MomentumAperture, momentum_aperture
from optics.normal_modes import NormalModes, normal_modes, tunes
from optics.orbit_correction import OrbitCorrection, correct_orbit, plot_orbit_correction
from optics.orbit_response import OrbitResponse, orbit_response
from optics.plot import plot_twiss
from optics.plot_aperture import plot_aperture_grid, plot_dynamic_aperture, plot_momentum_aperture
from optics.plot_beam import plot_beam
from optics.plot_envelope import plot_envelope
from optics.plot_tunes import draw_resonances, plot_amplitude_detuning, plot_chromaticity, plot_frequency_map
from optics.radiation import RadiationIntegrals, radiation_integrals
from optics.resonances import Resonance, resonances
from optics.scans import scan
from optics.slicing import Slicing, converge_slices
from optics.tapering import phase_cavities, taper
from optics.tracked_chromaticity import TrackedChromaticity, tracked_chromaticity
from optics.twiss import twiss
from optics.twiss_result import TwissResult

__all__ = [
    "AlignmentErrors", "AmplitudeDetuning", "ApertureGrid", "ClosedOrbit", "CouplingError", "DynamicAperture",
    "EdwardsTeng", "Envelope", "ErrorTable", "FieldComponents", "FieldErrors", "FrequencyMap", "InitialOptics",
    "LostOrbitError", "MomentumAperture", "NoClosedOrbitError", "NormalModes", "OpticsError", "OrbitCorrection",
    "OrbitResponse", "RadiationIntegrals", "Resonance", "ScanError", "Slicing", "SpectralLines", "TrackedChromaticity",
    "TwissResult", "UnstableMotionError", "amplitude_detuning", "aperture_grid", "apply_errors", "closed_orbit",
    "converge_slices", "correct_orbit", "draw_resonances", "dynamic_aperture", "edwards_teng", "envelope",
    "frequency_map", "momentum_aperture", "naff", "normal_modes", "one_turn_map", "one_turn_matrix", "orbit_response",
    "phase_cavities", "plot_amplitude_detuning", "plot_aperture_grid", "plot_beam", "plot_chromaticity",
    "plot_dynamic_aperture", "plot_envelope", "plot_frequency_map", "plot_momentum_aperture", "plot_orbit_correction",
    "plot_twiss",
    "radiation_integrals", "resonances", "scan", "taper", "tracked_chromaticity", "transfer_map", "transfer_matrices",
    "tunes", "twiss",
]  # fmt: skip
