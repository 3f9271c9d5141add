"""From elements to rows; every module here registers the lowering of its elements."""

from tracking.lower import magnets
from tracking.lower.base import Context, Lowered, Row, lower

__all__ = ["Context", "Lowered", "Row", "lower", "magnets"]
