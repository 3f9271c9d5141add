"""Lines of the optics tests."""

import pytest

from tests.optics.lattices import RING
from tracking.io.madx import load_madx


@pytest.fixture(scope="session")
def ring_file(tmp_path_factory):
    path = tmp_path_factory.mktemp("lattice") / "ring.madx"
    path.write_text(RING)
    return path


@pytest.fixture(scope="session")
def ring(ring_file):
    """Ring without coupling, kick or RF voltage, sliced so that its tunes are converged."""
    return load_madx(ring_file, sequence="ring").with_settings(slices=12)
