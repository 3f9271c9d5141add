"""Cached compilation for functions that call the element maps."""

from pathlib import Path

import tpsa
from tpsa.jit import package_njit

njit = package_njit([Path(tpsa.__file__).parent, Path(__file__).parent])
