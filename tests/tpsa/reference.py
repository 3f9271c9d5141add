"""Slow, obvious arithmetic of truncated power series on dictionaries of exponents: the oracle of these tests."""

import operator

import numpy as np
from hypothesis import strategies as st

from tpsa import TPS, Descriptor

DESCRIPTORS = [
    Descriptor(1, 1),
    Descriptor(1, 9),
    Descriptor(2, 5),
    Descriptor(3, 3),
    Descriptor(6, 2),
    Descriptor(6, 4),
    Descriptor(2, 4, 2, 1),
    Descriptor(2, 4, 3, 2),
    Descriptor(1, 3, 2, 3),
    Descriptor(3, 4, max_orders=(2, 4, 1)),
    Descriptor(2, 7, max_orders=(4, 3)),
    Descriptor(2, 5, 2, 2, max_orders=(5, 3, 1, 2)),
]


@st.composite
def restricted(draw, variables=(1, 2, 3, 4)):
    """A descriptor with maximum orders of some variables and parameters."""
    n, parameters = draw(st.sampled_from(variables)), draw(st.integers(0, 2))
    most = draw(st.lists(st.integers(1, 4), min_size=n + parameters, max_size=n + parameters))
    parameter_order = draw(st.integers(1, min(4, sum(most[n:])))) if parameters else 0
    order = draw(st.integers(max(1, parameter_order), min(7, sum(most[:n]) + parameter_order)))
    return Descriptor(n, order, parameters, parameter_order, max_orders=most)


@st.composite
def unrestricted(draw):
    """A descriptor with parameters or without, of at most 210 coefficients."""
    n, parameters = draw(st.integers(1, 6)), draw(st.integers(0, 2))
    order = draw(st.integers(1, (12, 8, 6, 4, 4, 3, 3, 2)[n + parameters - 1]))
    return Descriptor(n, order, parameters, draw(st.integers(1, order)) if parameters else 0)


any_descriptor = st.sampled_from(DESCRIPTORS) | unrestricted() | restricted()


def kept(descriptor, exponents):
    """Whether a descriptor keeps a monomial."""
    within = descriptor.max_orders is None or all(map(operator.le, exponents, descriptor.max_orders))
    parameters = sum(exponents[descriptor.variables :])
    return within and sum(exponents) <= descriptor.order and parameters <= descriptor.parameter_order


def product(a, b):
    """Coefficients of a * b by the definition."""
    d = a.descriptor
    position = {tuple(e): i for i, e in enumerate(d.exponents.tolist())}
    result = np.zeros(d.size)
    for e, x in zip(position, a.coefficients, strict=True):
        allowed = d.degree_starts[d.order - sum(e) + 1]
        for f, y in zip(d.exponents[:allowed].tolist(), b.coefficients[:allowed], strict=True):
            total = tuple(p + q for p, q in zip(e, f, strict=True))
            if kept(d, total):
                result[position[total]] += x * y
    return result


def random_series(descriptor, seed, low=0, high=None, sparse=False):
    """Series with random coefficients at degrees `low` to `high`."""
    rng = np.random.default_rng(seed)
    degrees = descriptor.exponents.sum(axis=1, dtype=int)
    coefficients = rng.uniform(-1, 1, descriptor.size)
    coefficients[(degrees < low) | (degrees > (descriptor.order if high is None else high))] = 0.0
    if sparse:
        coefficients[rng.random(descriptor.size) < 0.7] = 0.0
    return TPS(descriptor, coefficients)


def close(a, b, tolerance=1e-14):
    """Whether two series, or coefficients, agree relative to the largest coefficient."""
    a, b = (np.asarray(getattr(x, "coefficients", x)) for x in (a, b))
    return np.abs(a - b).max() <= tolerance * max(1.0, np.abs(a).max(), np.abs(b).max())
