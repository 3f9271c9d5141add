"""Random lines, sequences and damaged files: positions as computed by hand, and no error but the documented one."""

import tempfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tracking.data import lattice_path
from tracking.errors import InputError
from tracking.io import load_madx

HEAD = "beam, particle=proton, energy=5;\n" + "".join(f"e{i}: quadrupole, l={i / 8};\n" for i in range(4))


def load(text, **options):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "random.madx"
        path.write_text(text)
        return load_madx(path, **options)


def repeated(pair):
    """Line item and its elements, from a prefix and the inner item with its elements."""
    (count, minus), (text, names) = pair
    order = names[::-1] if minus else names
    return f"{'-' if minus else ''}{count}*{text}" if count > 1 else f"{'-' if minus else ''}{text}", order * count


def bracketed(items):
    return f"({', '.join(text for text, _ in items)})", [name for _, names in items for name in names]


prefixes = st.tuples(st.integers(1, 3), st.booleans())
items = st.recursive(
    st.tuples(prefixes, st.sampled_from([(f"e{i}", [f"e{i}"]) for i in range(4)])).map(repeated),
    lambda inner: st.tuples(prefixes, st.lists(inner, min_size=1, max_size=3).map(bracketed)).map(repeated),
    max_leaves=8,
)


@settings(deadline=None, max_examples=50)
@given(st.lists(items, min_size=1, max_size=4), st.booleans())
def test_lines_expand_as_written(parts, reflected):
    text, names = bracketed(parts)
    line = load(f"{HEAD}inner: line={text}; s: line=({'-' * reflected}inner); use, sequence=s;")
    assert list(line.base_names) == (names[::-1] if reflected else names)
    assert line.length == sum(int(name[1]) / 8 for name in names)


gaps = st.floats(2e-6, 3.0)  # shorter ones are left out, as MAD-X does


@settings(deadline=None, max_examples=50)
@given(
    st.lists(st.tuples(gaps, st.integers(0, 3)), min_size=1, max_size=8),
    gaps,
    st.sampled_from(["entry", "centre", "exit"]),
    st.booleans(),
)
def test_sequences_have_the_positions_written(elements, rest, refer, relative):
    share = {"entry": 0.0, "centre": 0.5, "exit": 1.0}[refer]
    text, entrances, position, origin = "", [], 0.0, 0.0
    for k, (gap, kind) in enumerate(elements):
        length = kind / 8
        position += gap
        entrances.append(position)
        source = f", from=m{k - 1}" if relative and k else ""
        text += f"m{k}: e{kind}, at={position + share * length - (origin if source else 0)!r}{source};\n"
        origin = position + length / 2  # FROM counts from the centre
        position += length
    line = load(f"{HEAD}s: sequence, refer={refer}, l={position + rest!r};\n{text}endsequence;")
    np.testing.assert_allclose([line.s[line.index(f"m{k}")] for k in range(len(elements))], entrances, atol=1e-12)
    assert line.length == pytest.approx(position + rest, abs=1e-12)


SPEAR3 = lattice_path("spear3.madx").read_text()
damages = st.lists(
    st.tuples(
        st.integers(0, len(SPEAR3)), st.sampled_from(["delete", ";", '"', "{", "}", "(", ")", "=", "/*", "-", "e"])
    ),
    min_size=1,
    max_size=3,
)


@settings(deadline=None, max_examples=40)
@given(damages)
def test_damaged_files_load_or_raise_the_documented_error(damages):
    text = SPEAR3
    for place, what in damages:
        text = text[:place] + text[place + 3 :] if what == "delete" else text[:place] + what + text[place:]
    try:
        line = load(text, unknown="drift")
    except InputError as error:
        assert str(error)
    else:
        assert np.isfinite(line.s).all()
