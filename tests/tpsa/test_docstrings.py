"""Docstrings of public names say what they cost, which errors they raise and which shapes they give."""

import inspect
import re

import pytest

import tpsa
from tpsa import files, gmath

CLASSES = {name: kind for name, kind in vars(tpsa).items() if name in tpsa.__all__ and inspect.isclass(kind)}
NUMERIC = {name: kind for name, kind in CLASSES.items() if not issubclass(kind, (Exception, tuple))}
FUNCTIONS = {
    **{name: getattr(tpsa, name) for name in tpsa.__all__ if name not in CLASSES},
    **{f"gmath.{name}": getattr(gmath, name) for name in gmath.__all__},
    **{f"files.{name}": function for name, function in vars(files).items() if inspect.isfunction(function)},
}
NUMPY_NAMES = {ufunc.__name__ for ufunc in tpsa.base.FUNCTION_OF_UFUNC}


def methods():
    """Public methods and properties of numeric classes that are written in this package."""
    for owner, kind in NUMERIC.items():
        for name in dir(kind):
            static = inspect.getattr_static(kind, name)
            function = static.fget if isinstance(static, property) else getattr(kind, name)
            if not name.startswith("_") and name not in NUMPY_NAMES and inspect.isroutine(function):
                yield f"{owner}.{name}", function


METHODS = dict(methods())
EVERYTHING = FUNCTIONS | METHODS


def source(function):
    try:
        return inspect.getsource(inspect.unwrap(getattr(function, "py_func", function)))
    except (OSError, TypeError):
        return ""


def text(function):
    return inspect.getdoc(getattr(function, "py_func", function)) or ""


@pytest.mark.parametrize("name", EVERYTHING | CLASSES)
def test_there_is_one(name):
    assert len(text((EVERYTHING | CLASSES)[name])) > 10


@pytest.mark.parametrize("name", FUNCTIONS)
def test_functions_state_their_cost(name):
    assert re.search(r"\bcosts?\b|\bpass\b", text(FUNCTIONS[name]), re.IGNORECASE)


@pytest.mark.parametrize("name", NUMERIC)
def test_classes_state_the_cost_of_methods_that_do_not(name):
    assert re.search(r"\bcosts?\b", text(NUMERIC[name]), re.IGNORECASE)


@pytest.mark.parametrize("name", [name for name, function in EVERYTHING.items() if "raise " in source(function)])
def test_errors_are_documented(name):
    raised = set(re.findall(r"raise (\w+Error)\(", source(EVERYTHING[name])))
    described = text(EVERYTHING[name])
    assert all(error in described for error in raised)


def gives_an_array(function):
    return "ndarray" in str(getattr(function, "__annotations__", {}).get("return", ""))


@pytest.mark.parametrize("name", [name for name, function in EVERYTHING.items() if gives_an_array(function)])
def test_shapes_are_stated(name):
    assert re.search(r"\((\.\.\.|[a-z0-9]+)( [+*] \w+)*(,|\))", text(EVERYTHING[name]))
