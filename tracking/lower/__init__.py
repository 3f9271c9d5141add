"""From elements to rows; every module here registers the lowering of its elements."""

from tracking.lower import bends, cavities, kickers, magnets, patches, solenoids, wigglers
from tracking.lower.base import Context, Lowered, Row, lower
from tracking.lower.frame import lower_in_place

__all__ = [
    "Context", "Lowered", "Row", "bends", "cavities", "kickers", "lower", "lower_in_place", "magnets",
    "patches", "solenoids", "wigglers",
]  # fmt: skip
