"""Small rings in files, as lines of ours and as machines for the adapters of other codes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from benchmarks.peers import Machine
from tests.peers.lattices import LATTICES
from tracking.io.madx import load_madx
from tracking.line import Line

Loaded = tuple[Line, Machine]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Every test below this folder compares with a peer."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.peers)


@pytest.fixture
def load(tmp_path: Path) -> Callable[[str], Loaded]:
    """Loader of a lattice of `LATTICES`: our line, cavities off, and its file for a peer."""

    def loader(name: str) -> Loaded:
        path = tmp_path / f"{name}.madx"
        path.write_text(LATTICES[name], encoding="utf-8")
        line = load_madx(path)
        return line.with_settings(rf=False), Machine.of(path, line)

    return loader
