"""Monomials of a descriptor and what it refuses."""

import itertools
import pickle

import numpy as np
import pytest

from tests.tpsa.reference import DESCRIPTORS, kept
from tpsa import Descriptor, DescriptorSizeError


@pytest.mark.parametrize("d", DESCRIPTORS, ids=repr)
def test_keeps_exactly_the_monomials_of_its_orders(d):
    n = d.variables + d.parameters
    expected = {e for e in itertools.product(range(d.order + 1), repeat=n) if kept(d, e)} if n <= 5 else None
    found = {tuple(e) for e in d.exponents.tolist()}
    assert len(found) == d.size
    if expected is not None:
        assert found == expected


@pytest.mark.parametrize("d", DESCRIPTORS, ids=repr)
def test_degrees_ascend_and_start_where_degree_starts_says(d):
    degrees = d.exponents.sum(axis=1, dtype=int)
    assert np.all(np.diff(degrees) >= 0)
    for g in range(d.order + 1):
        assert set(degrees[d.degree_starts[g] : d.degree_starts[g + 1]]) == {g}


def test_index_finds_every_monomial():
    d = Descriptor(2, 4, 3, 2)
    assert [d.index(e) for e in d.exponents.tolist()] == list(range(d.size))
    assert d.index((1, 2)) == d.index((1, 2, 0, 0, 0))


@pytest.mark.parametrize("exponents", [(5, 0), (0, 0, 0), (-1, 0), (0, 0, 2, 1, 0), (0, 0, 300, 0, 0)])
def test_index_refuses_monomials_not_kept(exponents):
    with pytest.raises(KeyError, match="no monomial with exponents"):
        Descriptor(2, 4, 3, 2).index(exponents)


def test_variables_come_first_among_the_linear_monomials():
    d = Descriptor(3, 2, 2, 1)
    for i in range(3):
        assert d.variable(i, 7.0).coefficients[[0, 1 + i]].tolist() == [7.0, 1.0]
    for k in range(2):
        assert d.parameter(k).coefficients[4 + k] == 1.0


def test_equal_descriptors_are_one_and_survive_pickling():
    d = Descriptor(2, 3, 1, 1, names=("x", "px", "kqf"))
    assert d == Descriptor(2, 3, 1, 1, names=["x", "px", "kqf"]) != Descriptor(2, 3, 1, 1)
    assert pickle.loads(pickle.dumps(d)) == d
    assert hash(pickle.loads(pickle.dumps(d))) == hash(d)
    assert Descriptor(2, 3).tables is Descriptor(2, 3, names=("u", "v")).tables


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        ({"variables": 0, "order": 2}, "variables"),
        ({"variables": 2, "order": 0}, "order"),
        ({"variables": 2, "order": 2.0}, "order"),
        ({"variables": 2, "order": 256}, "order"),
        ({"variables": 2, "order": 2, "parameters": 1}, "parameter_order"),
        ({"variables": 2, "order": 2, "parameters": 1, "parameter_order": 3}, "parameter_order"),
        ({"variables": 2, "order": 2, "names": ("x",)}, "names"),
        ({"variables": 2, "order": 2, "names": ("x", "x")}, "names"),
    ],
)
def test_bad_numbers_are_refused_by_name(arguments, named):
    with pytest.raises(ValueError, match=named):
        Descriptor(**arguments)


@pytest.mark.parametrize("d", [Descriptor(20, 20), Descriptor(9000, 2), Descriptor(6, 200), Descriptor(6, 4, 5000, 4)])
def test_tables_too_large_for_memory_are_refused_before_they_are_built(d):
    with pytest.raises(DescriptorSizeError, match="MiB of tables, limit 1024 MiB. Lower the order"):
        d.size  # noqa: B018


def test_memory_limit_is_the_users():
    small = Descriptor(3, 5, memory_limit=1000)
    with pytest.raises(DescriptorSizeError, match="56 monomials and 462 products"):
        small.size  # noqa: B018
    assert small == Descriptor(3, 5, memory_limit=2**20) and Descriptor(3, 5, memory_limit=2**20).size == 56
    assert pickle.loads(pickle.dumps(small)).memory_limit == 1000


@pytest.mark.parametrize("d", DESCRIPTORS, ids=repr)
def test_counts_are_those_of_the_tables(d):
    size, pairs, needed = d.limits.bytes_needed()
    tables = d.tables
    assert (size, pairs) == (d.size, len(tables.targets))
    assert needed >= tables.targets.nbytes + tables.exponents.nbytes + tables.row_starts.nbytes
