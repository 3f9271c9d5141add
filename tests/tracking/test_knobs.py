"""Knobs: values, dependence, replacement and generic evaluation."""

import pickle

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tpsa.descriptor import Descriptor
from tracking.errors import InputError
from tracking.expressions import Expression, ExpressionError
from tracking.knobs import MAX_DEPTH, CircularExpressionError, Knobs, evaluate

parse = Expression.parse


@pytest.fixture
def knobs():
    return Knobs({"a": 2, "B": 3.0, "c": parse("a*b"), "d": parse("c + a^2"), "free": 5.0}, used=["b"])


def test_values(knobs):
    assert (knobs.value("A"), knobs.value("c"), knobs.value("D")) == (2.0, 6.0, 10.0)
    assert knobs["c"] == parse("a*b") and knobs["b"] == 3.0 and len(knobs) == 5 and "C" in knobs


def test_independent_are_numbers_that_something_depends_on(knobs):
    assert knobs.independent == ("a", "b")
    assert Knobs({"x": 1.0}).independent == () and Knobs({"x": 1.0}, used=["x"]).independent == ("x",)


def test_replace_leaves_the_original_alone(knobs):
    changed = knobs.replace({"A": 10.0, "b": parse("a/2")})
    assert changed.value("d") == 150.0 and knobs.value("d") == 10.0
    assert changed.independent == ("a",)


def test_dependents(knobs):
    assert knobs.dependents(["b"]) == {"b", "c", "d"}
    assert knobs.dependents(["free"]) == {"free"}


@settings(deadline=None)
@given(st.floats(-3, 3), st.floats(-3, 3))
def test_series_give_derivatives(a, b):
    knobs = Knobs({"a": a, "b": b, "c": parse("a*b"), "d": parse("c + a^2")})
    x, y = (Descriptor(2, 2).variable(i, value) for i, value in enumerate((a, b)))
    d = knobs.evaluator({"a": x, "b": y})("d")
    assert d.value == pytest.approx(a * b + a * a, abs=1e-14)
    assert d.gradient() == pytest.approx([b + 2 * a, a], abs=1e-14)
    assert d[(1, 1)] == pytest.approx(1.0)


def test_every_expression_is_evaluated_once():
    calls = []

    class Counting(Expression):
        def evaluate(self, lookup):
            calls.append(self.text)
            return super().evaluate(lookup)

    values = {"a": 1.0, "b": Counting(parse("a").program), "c": parse("b+b+b")}
    lookup = Knobs(values).evaluator()
    assert lookup("c") == 3.0 and lookup("c") == 3.0 and calls == ["a"]


def test_override_of_an_expression_cuts_it_off(knobs):
    assert knobs.evaluator({"c": 100.0})("d") == 104.0


def test_evaluate():
    assert evaluate(parse("2*x"), {"x": 4.0}.__getitem__) == 8.0
    assert evaluate(3.0, {}.__getitem__) == 3.0


def test_circular_expressions_name_the_chain():
    knobs = Knobs({"a": parse("b"), "b": parse("2*c"), "c": parse("b + 1"), "ok": 1.0})
    with pytest.raises(CircularExpressionError, match="b -> c -> b") as error:
        knobs.value("a")
    assert error.value.chain == ("b", "c", "b") and knobs.value("ok") == 1.0


@pytest.mark.parametrize("length", [MAX_DEPTH + 1, 100_000])
def test_long_chains_are_refused(length):
    knobs = Knobs({f"a{i}": parse("x") if i == length else Expression.name(f"a{i + 1}") for i in range(length + 1)})
    with pytest.raises(ExpressionError, match=f"more than {MAX_DEPTH} names deep"):
        knobs.value("a0")
    assert knobs.replace({f"a{length - 50}": 3.0}).value(f"a{length - 100}") == 3.0


@pytest.mark.parametrize("use", ["value", "replace", "evaluator"])
def test_unknown_names_get_the_nearest_ones(use):
    argument = "kqg" if use == "value" else {"kqg": 1.0}
    with pytest.raises(InputError, match="unknown knob 'kqg'; did you mean 'kqf'"):
        getattr(Knobs({"kqf": 1.0, "zzz": 2.0}), use)(argument)


def test_unknown_name_in_an_expression():
    with pytest.raises(InputError, match="unknown knob 'missing'"):
        Knobs({"a": parse("missing")}).value("a")
    with pytest.raises(KeyError):
        Knobs({})["a"]


def test_values_must_be_numbers():
    with pytest.raises(InputError, match="knob 'a' = 'text'; expected a number"):
        Knobs({"a": "text"})


def test_pickle(knobs):
    knobs.value("d")
    copy = pickle.loads(pickle.dumps(knobs))
    assert dict(copy) == dict(knobs) and copy.value("d") == 10.0 and copy.independent == knobs.independent
