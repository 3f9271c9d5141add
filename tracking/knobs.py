"""Knobs: named numbers and deferred expressions of them."""

from __future__ import annotations


class Expression:
    """Parsed arithmetic expression over names."""


Value = float | Expression
