"""Files of series: round trips, texts of other codes, and damage of every kind."""

import re

import h5py
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.tpsa.reference import DESCRIPTORS, random_series
from tpsa import Descriptor, FileFormatError, TaylorMap, files
from tpsa.ptc import NAMES

descriptors, seeds = st.sampled_from(DESCRIPTORS), st.integers(0, 2**32 - 1)
NAMED = Descriptor(3, 4, 1, 2, names=("x", "px", "x2", "k1"), max_orders={"x2": 3})
SUFFIXES = (".npz", ".h5", ".hdf5")


def sample_map(d=NAMED, seed=1):
    return TaylorMap([random_series(d, seed + k, sparse=k > 0) for k in range(3)])


def same(a, b):
    return type(a) is type(b) and a.descriptor == b.descriptor and np.array_equal(a.coefficients, b.coefficients)


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_archives(tmp_path, suffix):
    for written in (random_series(NAMED, 1), sample_map(), TaylorMap([random_series(Descriptor(1, 1), 3)])):
        files.save(tmp_path / f"a{suffix}", written)
        assert same(files.load(tmp_path / f"a{suffix}"), written)


def test_complex_series_and_maps(tmp_path):
    a, b = random_series(NAMED, 1), random_series(NAMED, 2, sparse=True)
    for written in (a + 1j * b, TaylorMap([a + 1j * b, 2j * a])):
        for suffix in SUFFIXES:
            files.save(tmp_path / f"a{suffix}", written)
            assert same(files.load(tmp_path / f"a{suffix}"), written)
        assert same(files.from_gtpsa_text(files.to_gtpsa_text(written), NAMED.names), written)
        for write in (files.to_dace_text, files.to_ptc_text):
            with pytest.raises(ValueError, match="complex"):
                write(written)


def test_groups_of_one_file(tmp_path):
    path, a, m = tmp_path / "many.h5", random_series(NAMED, 1), sample_map()
    files.save(path, a, "seeds/1")
    files.save(path, m, "seeds/2")
    assert same(files.load(path, "seeds/1"), a) and same(files.load(path, "seeds/2"), m)
    with h5py.File(path) as file:
        assert file["seeds/1"].attrs["names"].tolist() == list(NAMED.names)
        assert np.array_equal(file["seeds/1/exponents"], NAMED.exponents)
    with pytest.raises(ValueError, match="a group 'seeds/2' already"):
        files.save(path, a, "seeds/2")
    with pytest.raises(FileFormatError, match="cannot be read"):
        files.load(path, "seeds/3")
    files.save(path, a)
    with pytest.raises(FileFormatError, match="cannot be read"):
        files.load(path, "seeds/1")


def rewrite(path, **changes):
    """Replace or (None) delete members of a numpy archive."""
    with np.load(path) as archive:
        members = {**dict(archive), **changes}
    np.savez(path, **{name: value for name, value in members.items() if value is not None})


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"coefficients": None}, "it has no coefficients"),
        ({"format": "something"}, "format something"),
        ({"version": 99}, "version 99; this release reads 1"),
        ({"coefficients": np.zeros(3)}, "shape (3,); expected"),
        ({"coefficients": np.zeros((2, 2, 2))}, "shape (2, 2, 2); expected"),
        ({"coefficients": np.full(NAMED.size, np.nan)}, "not finite"),
        ({"coefficients": np.zeros(NAMED.size, int)}, "coefficients of type int64"),
        ({"exponents": NAMED.exponents[::-1]}, "monomials are not those"),
        ({"numbers": np.array([3, 4])}, "numbers of shape (2,)"),
        ({"numbers": np.array([3, 400, 1, 2])}, "no descriptor can be made"),
        ({"numbers": np.array([9000, 4, 1, 2])}, "no descriptor can be made"),
        ({"names": np.array(["x"])}, "no descriptor can be made"),
        ({"max_orders": np.array([0, 1, 1, 1])}, "no descriptor can be made"),
        ({"coefficients": np.array([{}])}, "cannot be read"),
    ],
)
def test_archives_that_say_something_else_are_refused(tmp_path, changes, problem):
    path = tmp_path / "a.npz"
    files.save(path, random_series(NAMED, 1))
    rewrite(path, **changes)
    with pytest.raises(FileFormatError, match=re.escape(problem)):
        files.load(path)


@pytest.mark.parametrize("suffix", SUFFIXES[:2])
@pytest.mark.parametrize("part", [0.0, 0.3, 0.97])
def test_truncated_archives_are_refused(tmp_path, suffix, part):
    path = tmp_path / f"a{suffix}"
    files.save(path, sample_map())
    content = path.read_bytes()
    path.write_bytes(content[: int(part * len(content))])
    with pytest.raises(FileFormatError, match="cannot be read"):
        files.load(path)


def test_archives_that_are_not_there_or_not_finite(tmp_path):
    for suffix in SUFFIXES:
        with pytest.raises(FileNotFoundError):
            files.load(tmp_path / f"none{suffix}")
        with pytest.raises(ValueError, match="not finite"):
            files.save(tmp_path / f"a{suffix}", NAMED.constant(np.inf))


@given(descriptors, seeds)
@settings(max_examples=20, deadline=None)
def test_texts_hold_every_digit(d, seed):
    for written in (random_series(d, seed, sparse=True), sample_map(d, seed), d.constant(0.0)):
        assert same(files.from_gtpsa_text(files.to_gtpsa_text(written), names=d.names), written)
        assert same(files.from_dace_text(files.to_dace_text(written), d), written)


@given(st.integers(1, 8), st.integers(1, 3), seeds)
@settings(max_examples=20, deadline=None)
def test_ptc_texts_hold_every_digit(variables, order, seed):
    names = NAMES[:variables] + tuple(f"k{i + 1}" for i in range(variables - len(NAMES)))
    d = Descriptor(variables, order, names=names)
    for written in (random_series(d, seed, sparse=True), sample_map(d, seed), d.constant(0.0)):
        assert same(files.from_ptc_text(files.to_ptc_text(written)), written)


def test_ptc_text_of_high_orders():
    d = Descriptor(2, 13, names=NAMES[:2])
    a = random_series(d, 5)
    assert same(files.from_ptc_text(files.to_ptc_text(a)), a)


@pytest.mark.parametrize("variables", [1, 4, 5, 6])
def test_map_tables(tmp_path, variables):
    d = Descriptor(variables, 3, names=NAMES[:variables])
    m = TaylorMap([random_series(d, k, high=2, sparse=True) for k in range(variables)])
    files.save_map_table(tmp_path / "m.tfs", m)
    assert same(files.load_map_table(tmp_path / "m.tfs"), m)
    higher = files.load_map_table(tmp_path / "m.tfs", order=4)
    assert higher.descriptor.order == 4 and higher[0].to(d).terms() == m[0].terms()


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("COEF", "COEG", "cannot be read as a map table"),
        ("%le", "%q", "cannot be read as a map table"),
        (" 1.5 ", " nan ", "finite"),
        (" 1.5 ", " ", "cannot be read as a map table"),
        ('"C1_010000"', '"C1_100000"', None),
        ("1          0          1", "1          1          0", "second of these exponents"),
        ("1          0          1", "2          0          1", "does not fit"),
        (" 2          2          1          1", " 7          2          1          1", "N_VECTOR go from 1 to 6"),
        ("1          1          0          0", "1          1          0          3", "beyond NV = 2"),
    ],
)
def test_damaged_map_tables_are_refused(tmp_path, old, new, problem):
    path = tmp_path / "m.tfs"
    assert old in MAP_TABLE
    path.write_text(MAP_TABLE.replace(old, new, 1))
    if problem is None:
        assert files.load_map_table(path).jacobian().tolist() == [[1.5, 2.0], [3.0, 0.0]]
        return
    with pytest.raises(FileFormatError, match=problem):
        files.load_map_table(path)


def test_map_tables_that_cannot_be(tmp_path):
    with pytest.raises(FileNotFoundError):
        files.load_map_table(tmp_path / "none.tfs")
    with pytest.raises(ValueError, match="at most 6"):
        files.save_map_table(tmp_path / "m.tfs", TaylorMap.identity(Descriptor(7, 1)))


READERS = {
    "dace": (files.to_dace_text, lambda text: files.from_dace_text(text, Descriptor(2, 3))),
    "gtpsa": (files.to_gtpsa_text, files.from_gtpsa_text),
    "ptc": (files.to_ptc_text, files.from_ptc_text),
}


@pytest.mark.parametrize("form", READERS)
@pytest.mark.parametrize(
    ("pattern", "replacement"),
    [
        (r"(?m)^( +3  .*) \d+$", r"\1"),  # an exponent is missing
        (r"(?m)^( +3  .*) \d+$", r"\1 9"),  # another order than that of the exponents
        (r"(?m)^( +3  .*) (\d+)$", r"\1 \2 0"),  # one exponent too many
        (r"(?m)^ +3  +-?[\d.]+", "     3   nan"),
        (r"(?m)^ +3  +-?[\d.]+", "     3   "),
        (r"(?m)^( +)3( .*)$", r"\g<1>3\2\n\g<1>3\2"),  # a line twice
        (r"(?m)^ +3 .*", "     3  0.123"),  # cut within a line
    ],
)
def test_damaged_texts_are_refused(form, pattern, replacement):
    write, read = READERS[form]
    text = write(random_series(Descriptor(2, 3), 1))
    damaged = re.sub(pattern, replacement, text, count=1)
    assert damaged != text
    with pytest.raises(FileFormatError, match="damaged|does not fit|second of these"):
        read(damaged)


@pytest.mark.parametrize("form", READERS)
@pytest.mark.parametrize("text", ["", "nothing", "     1   1.0   0    0 0"])
def test_texts_that_are_none_are_refused(form, text):
    with pytest.raises(FileFormatError):
        READERS[form][1](text)


def test_headers_that_do_not_fit_are_refused():
    text = files.to_gtpsa_text(random_series(Descriptor(2, 3), 1))
    with pytest.raises(FileFormatError, match="header"):
        files.from_gtpsa_text(text.replace("NV", "NX"))
    with pytest.raises(FileFormatError, match="does not fit"):
        files.from_gtpsa_text(text.replace("MO = 3", "MO = 2"))
    with pytest.raises(FileFormatError, match="no descriptor can be made"):
        files.from_gtpsa_text(text.replace("MO = 3", "MO = 0"))
    with pytest.raises(FileFormatError, match="of one map"):
        files.from_gtpsa_text(text + text.replace("MO = 3", "MO = 4"))
    with pytest.raises(FileFormatError, match="there is no variable or parameter 9"):
        files.from_gtpsa_text(MAD_NG.replace("3^1", "9^1"))
    text = files.to_ptc_text(random_series(Descriptor(2, 3), 1))
    with pytest.raises(FileFormatError, match="one NV and NO"):
        files.from_ptc_text(text + "\n" + text.replace("NO =    3", "NO =    4"))
    with pytest.raises(FileFormatError, match="its digits are"):
        files.from_ptc_text(re.sub(r"(?m)^( +3 .*\n +-?\d\.)\d\d", r"\g<1>00", text))
    with pytest.raises(FileFormatError, match="line of dashes"):
        files.from_dace_text(files.to_dace_text(NAMED.constant(1.0)).rstrip("-"), NAMED)


def test_text_that_mad_ng_printed():
    f = files.from_gtpsa_text(MAD_NG, names=("x", "px", "k"))
    assert f.descriptor == Descriptor(2, 2, 1, 1, names=("x", "px", "k"))
    assert [f[m] for m in ("1", "x", "px", "k", "x^2", "x k", "px k")] == [1.0, -2.5, 3.0, 4.0, 5.0, 8.0, 0.0]
    terms = [line.split()[1:] for line in files.to_gtpsa_text(f, "X").splitlines()[3:]]
    assert terms == [line.split()[1:] for line in MAD_NG.splitlines()[3:]]


MAD_NG = """ X       :  R, NV =   2, MO =  2, NP =   1, PO =  1
 *******************************************************
     I   COEFFICIENT             ORDER   EXPONENTS
     1   1.0000000000000000E+00    0     0 0
     2  -2.5000000000000000E+00    1     1 0
     3   3.0000000000000000E+00    1     0 1
     4   4.0000000000000000E+00    1     0 0  3^1
     5   5.0000000000000000E+00    2     2 0
     6   8.0000000000000000E+00    2     1 0  3^1
"""


MAP_TABLE = """@ NAME             %09s "MAP_TABLE"
@ TYPE             %07s "MAP_TAB"
* NAME             COEF   N_VECTOR         NV      ORDER         NX        NXP         NY        NYP    NDELTAP         NT
$ %s                %le         %d         %d         %d         %d         %d         %d         %d         %d         %d
 "C1_100000"       1.5           1          2          1          1          0          0          0          0          0
 "C1_010000"       2.0           1          2          1          0          1          0          0          0          0
 "C2_100000"       3.0           2          2          1          1          0          0          0          0          0
"""  # noqa: E501
