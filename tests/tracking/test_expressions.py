"""Expressions: the value Python gives, for numbers, arrays, series and traced values; texts survive a round trip."""

import math
import pickle

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tpsa.descriptor import Descriptor
from tracking.arithmetic import OPERATIONS, ExpressionError
from tracking.expressions import Expression

NAMES = {"a": 0.7, "b.c": -1.3, "kq_1": 2.1, "q1->k1": 0.4}
FUNCTIONS = {"sin": math.sin, "cos": math.cos, "exp": math.exp, "atan": math.atan, "tanh": math.tanh, "abs": abs}


def join(symbol):
    """Strategy step: a text and its value from two of them."""
    python = {"+": lambda x, y: x + y, "-": lambda x, y: x - y, "*": lambda x, y: x * y}[symbol]
    return lambda pair: (f"({pair[0][0]}) {symbol} ({pair[1][0]})", python(pair[0][1], pair[1][1]))


numbers = st.floats(0, 10, allow_subnormal=False).map(lambda x: (repr(x), x))
names = st.sampled_from([(name, value) for name, value in NAMES.items()])
pairs = st.recursive(
    numbers | names,
    lambda inner: st.one_of(
        *(st.tuples(inner, inner).map(join(symbol)) for symbol in "+-*"),
        inner.map(lambda pair: (f"-({pair[0]})", -pair[1])),
        st.tuples(st.sampled_from(sorted(FUNCTIONS)), inner.filter(lambda pair: abs(pair[1]) < 100)).map(
            lambda pair: (f"{pair[0]}({pair[1][0]})", FUNCTIONS[pair[0]](pair[1][1]))
        ),
    ),
    max_leaves=12,
)


@given(pairs)
def test_value_is_that_of_python(pair):
    text, expected = pair
    assert Expression.parse(text).evaluate(NAMES.__getitem__) == expected


@given(pairs)
def test_text_survives_a_round_trip(pair):
    expression = Expression.parse(pair[0])
    assert Expression.parse(expression.text) == expression
    assert pickle.loads(pickle.dumps(expression)) == expression


operands = st.sampled_from(["a", "b.c", "2", "0.5", "(a-3)", "sin(a)", "-a"])
chains = st.lists(st.tuples(st.sampled_from("+-*/"), operands.filter(lambda x: x[0] != "-")), max_size=8)


@given(operands, chains)
def test_operators_bind_as_in_python(first, rest):
    text = first + "".join(symbol + operand for symbol, operand in rest)
    expected = eval(text.replace("b.c", "b"), {"a": NAMES["a"], "b": NAMES["b.c"], "sin": math.sin})
    assert Expression.parse(text).evaluate(NAMES.__getitem__) == pytest.approx(expected, rel=1e-15)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2^3^2", 64.0), ("-2^2", -4.0), ("2^-1", 0.5), ("(-8)^3", -512.0), ("0^0.5", 0.0), ("2*-3", -6.0),
        ("1d2", 100.0), (" 1.5E1 ", 15.0), ("Pi/TWOPI", 0.5), ("1 < 2", 1.0), ("1 <> 1", 0.0),
        ("(2 >= 2) + (3 == 3)", 2.0), ("1 > 2 || 2 > 1 && 3 <= 3", 1.0), ("log10(1000)", 3.0), ("sinc(0)", 1.0),
        ("1e400", math.inf), ("2^1e5", math.inf), ("0.5 - -0.5", 1.0), ("+a", 0.7),
    ],
)  # fmt: skip
def test_rules_of_the_language(text, expected):
    assert Expression.parse(text).evaluate(NAMES.__getitem__) == pytest.approx(expected, rel=1e-15)


@pytest.mark.parametrize("text", ["sqrt(-1)", "log(-1)", "asin(2)", "(-2)^0.5", "1e999-1e999"])
def test_values_that_do_not_exist_are_nan(text):
    assert math.isnan(Expression.parse(text).evaluate(NAMES.__getitem__))


def test_names():
    expression = Expression.parse("A + qf->K1*sin(b.c) - pi*a")
    assert expression.names == {"a", "qf->k1", "b.c"}
    assert Expression.parse("pi + 1").names == frozenset()
    assert Expression.name("KQ").names == {"kq"}


def test_applied_operations():
    expression = Expression.apply("/", Expression.name("l"), Expression.apply("sinc", Expression.parse("a/2")))
    assert expression.text == "l / sinc(a / 2)"
    assert Expression.apply("*", Expression.parse("a+1"), -2.0).text == "(a + 1) * -2"


SMOOTH = ["sqrt", "exp", "log", "log10", "sin", "cos", "tan", "asin", "acos", "atan", "sinh", "cosh", "tanh", "asinh",
          "atanh", "sinc"]  # fmt: skip


@pytest.mark.parametrize(
    "text", [*(f"{name}(a/2)" for name in SMOOTH), "acosh(a+1)", "a^3", "a^-2", "a^0.5", "2^a", "a^a"]
)
def test_derivatives_by_series_and_jax_agree_with_differences(text):
    expression = Expression.parse(text)

    def f(x):
        return expression.evaluate(lambda name: x)

    step = 1e-5
    expected = (f(0.7 - 2 * step) - 8 * f(0.7 - step) + 8 * f(0.7 + step) - f(0.7 + 2 * step)) / (12 * step)
    series = f(Descriptor(1, 2).variable(0, 0.7))
    assert series.value == pytest.approx(f(0.7), rel=1e-14)
    assert series.gradient()[0] == pytest.approx(expected, rel=1e-8)
    jax = pytest.importorskip("jax")
    jax.config.update("jax_enable_x64", True)
    assert jax.grad(f)(0.7) == pytest.approx(expected, rel=1e-8)


def test_arrays():
    x = np.linspace(0.1, 0.9, 5)
    expression = Expression.parse("2*exp(-a^2)/sinc(a) + 1")
    expected = 2 * np.exp(-(x**2)) / np.sinc(x / np.pi) + 1
    np.testing.assert_allclose(expression.evaluate(lambda name: x), expected, rtol=1e-14)


@pytest.mark.parametrize(
    "text", ["a +", "a b", "(a", "a)", "1..2", "", "f(a)", "sin()", "sin(a, b)", "a = 3", "__import__('os')"]
)
def test_bad_texts_are_refused(text):
    with pytest.raises(ExpressionError):
        Expression.parse(text)


def test_error_shows_the_place():
    with pytest.raises(ExpressionError) as error:
        Expression.parse("a + * b")
    assert str(error.value).split("\n")[1:] == ["    a + * b", "        ^"]


@pytest.mark.parametrize("text", ["1/0", "a/(a-a)", "0^-1"])
def test_division_by_zero(text):
    with pytest.raises(ExpressionError, match="division by zero"):
        Expression.parse(text).evaluate(NAMES.__getitem__)


def test_random_numbers_are_refused():
    with pytest.raises(ExpressionError, match="random"):
        Expression.parse("1 + gauss()").evaluate(NAMES.__getitem__)


def test_expressions_are_immutable():
    with pytest.raises(AttributeError):
        Expression.parse("a").program = ()
    assert len({Expression.parse("a+b"), Expression.parse("a + b")}) == 1


def test_every_operation_has_a_function():
    assert all(callable(function) and arity in (0, 1, 2) for arity, function in OPERATIONS.values())
