"""Truncated power series algebra, compiled by numba."""

from tpsa import compiled_gmath as compiled_gmath
