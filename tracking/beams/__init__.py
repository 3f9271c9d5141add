"""Beams: distributions in normalised phase space, moments, files."""

from tracking.beams.distributions import DISTRIBUTIONS, normalised_beam
from tracking.beams.files import Beam, read_beam, write_beam
from tracking.beams.statistics import BeamMoments, BeamSlices, moments, slices

__all__ = [
    "DISTRIBUTIONS", "Beam", "BeamMoments", "BeamSlices", "moments", "normalised_beam", "read_beam", "slices",
    "write_beam",
]  # fmt: skip
