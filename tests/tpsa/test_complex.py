"""Complex series: arithmetic against real pairs, the border to numbers and numpy, calculus, maps, files, errors."""

import math
import operator
import pickle

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.tpsa.reference import DESCRIPTORS, any_descriptor, close, random_series
from tpsa import (
    TPS,
    ComplexTPS,
    Descriptor,
    DescriptorMismatchError,
    SingularMapError,
    TaylorMap,
    TPSBatch,
    dragt_finn,
    files,
    gmath,
    lie_apply,
    lie_exponential,
    logarithm,
    poisson_bracket,
    symplectify,
)

D = Descriptor(2, 4, 1, 2, names=("x", "px", "k"))


def random_complex(d, seed):
    """Complex series with random coefficients."""
    return random_series(d, seed) + 1j * random_series(d, seed + 7)


@st.composite
def complex_series(draw, count):
    """Complex series of one descriptor."""
    d, seed = draw(st.sampled_from(DESCRIPTORS)), draw(st.integers(0, 2**31))
    return [random_complex(d, seed + k) for k in range(count)]


@given(complex_series(3))
@settings(max_examples=40, deadline=None)
def test_ring_axioms(series):
    a, b, c = series
    assert close(a * b, b * a) and close((a * b) * c, a * (b * c), 1e-13)
    assert close(a * (b + c), a * b + a * c, 1e-13)
    assert close(a - b, -(b - a)) and close(a + 0.0, a) and close(1.0 * a, a) and (a - a).norm() == 0.0
    assert close(a * a, a**2) and close(a**5, a * a * a * a * a, 1e-12)


@given(complex_series(2))
@settings(max_examples=40, deadline=None)
def test_products_and_quotients_are_those_of_pairs(series):
    a, b = series
    product = a * b
    assert close(product.real, a.real * b.real - a.imag * b.imag, 1e-14)
    assert close(product.imag, a.real * b.imag + a.imag * b.real, 1e-14)
    b = b - b.value + (1.5 - 0.5j)
    size = b.real * b.real + b.imag * b.imag
    assert close((a / b) * size, a * b.conjugate(), 1e-9)
    assert close(abs(b), gmath.sqrt(size), 1e-11) and type(abs(b)) is TPS
    assert close(abs(b) * gmath.exp(1j * gmath.arg(b)), b, 1e-10)


NUMBERS = [2, -0.5, 1.5 - 2j, np.float64(0.7), np.int64(3), np.complex128(1 + 2j), np.complex64(2j)]


@pytest.mark.parametrize("number", NUMBERS)
@pytest.mark.parametrize("op", [operator.add, operator.sub, operator.mul, operator.truediv])
def test_operators_with_numbers_and_real_series(op, number):
    z, x = random_complex(D, 1) + 3.0, random_series(D, 2) + 3.0
    constant = ComplexTPS(D, np.eye(1, D.size)[0] * number)
    assert close(op(z, number), op(z, constant), 1e-12) and close(op(number, z), op(constant, z), 1e-12)
    assert close(op(x, number), op(x + 0j, constant), 1e-12) and close(op(number, x), op(constant, x + 0j), 1e-12)
    assert close(op(x, z), op(x + 0j, z), 1e-12) and close(op(z, x), op(z, x + 0j), 1e-12)
    assert isinstance(op(x, number), ComplexTPS if isinstance(number, (complex, np.complexfloating)) else TPS)


def test_parts_and_construction():
    x, y = random_series(D, 1), random_series(D, 2)
    z = x + 1j * y
    assert isinstance(z, ComplexTPS) and z.coefficients.dtype == np.complex128
    assert np.array_equal(z.coefficients, x.coefficients + 1j * y.coefficients)
    assert close(TPS(D, z.coefficients), z) and isinstance(TPS(D, z.coefficients), ComplexTPS)
    assert close(z.real, x) and close(z.imag, y) and close(z.conjugate(), x - 1j * y)
    assert z.value == complex(x.value, y.value) and z["x px"] == complex(x["x px"], y["x px"])
    assert x.real is x and x.conjugate() is x and x.imag.norm() == 0.0
    assert complex(D.constant(2.0) * 1j) == 2j
    assert close(pickle.loads(pickle.dumps(z)), z)


def test_comparison_of_constant_parts():
    z = random_complex(D, 3)
    assert z == z.value and z == z + D.variable(0) and z != z + 1e-9
    assert D.constant(2.0) == D.constant(2.0) + 0j and D.constant(2.0) != 2.0 + 1j
    for compare in (operator.lt, operator.le, operator.gt, operator.ge):
        with pytest.raises(TypeError):
            compare(z, 1.0)
        with pytest.raises(TypeError):
            compare(D.constant(1.0), z)
    with pytest.raises(TypeError, match="neither true nor false"):
        bool(z)


def test_numpy_protocol():
    z = random_complex(D, 4) + (2.0 + 1.0j)
    for ufunc, name in ((np.exp, "exp"), (np.sqrt, "sqrt"), (np.arctanh, "atanh"), (np.log1p, "log1p")):
        assert close(ufunc(z), getattr(gmath, name)(z)) and close(ufunc(np.array([z]))[0], getattr(gmath, name)(z))
    assert close(np.conj(z), z.conjugate()) and close(np.abs(z), abs(z))
    assert close(np.real(z), z.real) and close(np.imag(z), z.imag)
    assert close((np.array([z, 2j * z]) * np.array([1j, 2.0])).sum(), 5j * z)
    assert close(np.complex128(2j) * z, 2j * z) and close(np.array(2j) * z, 2j * z)


def test_errors():
    z = D.variable(0) * (1 + 1j)
    x = D.variable(0)
    for divide in (lambda: 1.0 / z, lambda: z / z, lambda: z**-2, lambda: (x + 1.0) / z, lambda: z / x):
        with pytest.raises(ZeroDivisionError):
            divide()
    other = Descriptor(2, 3).variable(0) + 1j
    for operation in (operator.add, operator.sub, operator.mul, operator.truediv, operator.pow):
        with pytest.raises(DescriptorMismatchError):
            operation(z + 1.0, other)
        with pytest.raises(DescriptorMismatchError):
            operation(D.variable(0, 1.0), other)
    with pytest.raises(DescriptorMismatchError):
        D.variable(0).with_imag(Descriptor(2, 3).variable(0))
    with pytest.raises(ValueError, match="shape"):
        ComplexTPS(D, [1j])
    with pytest.raises(TypeError, match="real arguments"):
        gmath.atan2(z, 1.0)
    with pytest.raises(TypeError, match="only a constant"):
        complex(z)
    with pytest.raises(TypeError):
        float(z)
    with pytest.raises(TypeError):
        z + "1"
    for function in (gmath.log, gmath.inv, gmath.sqrt, gmath.cot):
        assert not np.isfinite(function(z).coefficients[1])


@given(complex_series(2))
@settings(max_examples=25, deadline=None)
def test_calculus_is_that_of_the_parts(series):
    a, b = series
    d = a.descriptor
    for i in range(len(d.names)):
        for operation in (a.derivative, a.integral):
            part = getattr(a.real, operation.__name__)(i) + 1j * getattr(a.imag, operation.__name__)(i)
            assert close(operation(i), part)
    assert close(a.homogeneous(1) + a.at_order(0), a.at_order(1))
    assert np.array_equal(a.gradient(), a.real.gradient() + 1j * a.imag.gradient())
    hessian = a.real.hessian() + 1j * a.imag.hessian()
    assert np.array_equal(a.hessian(), hessian, equal_nan=True)
    assert a.norm(2) == pytest.approx(math.hypot(a.real.norm(2), a.imag.norm(2)))
    assert a.order_norms(np.inf).max() == pytest.approx(a.norm(np.inf))
    assert a.terms() == {e: complex(a.real[e], a.imag[e]) for e in a.terms()}
    assert close(a.to(d), a)


def test_evaluation_at_real_and_complex_points():
    rng = np.random.default_rng(5)
    for series in (random_complex(D, 5), random_series(D, 5)):
        for points in (rng.normal(size=(70, 3)), rng.normal(size=(70, 2)) + 1j * rng.normal(size=(70, 2))):
            full = np.concatenate([points, np.zeros((70, 3 - points.shape[1]))], axis=1)
            expected = np.array([np.sum(series.coefficients * np.prod(p ** D.exponents, axis=1)) for p in full])
            assert series.evaluate(points) == pytest.approx(expected, rel=1e-12, abs=1e-12)
    assert isinstance(random_complex(D, 5).evaluate([0.1, 0.2]), complex)


def test_substitution_and_shift():
    z, point = random_complex(D, 6), np.array([0.1 - 0.2j, 0.3j])
    assert z.shift(point).evaluate([0.2, 0.1]) == pytest.approx(z.evaluate(point + [0.2, 0.1]), rel=1e-12)
    real = random_series(D, 6)
    assert real.shift(point).value == pytest.approx(real.evaluate(point), rel=1e-12)
    assert real.substitute({"px": 0.5j}).evaluate([0.3, 9.0]) == pytest.approx(real.evaluate([0.3, 0.5j]), rel=1e-12)
    x, px, _ = (D.variable(0), D.variable(1), D.parameter(0))
    assert close((x * px).substitute({"x": x + 1j * px}), (x + 1j * px) * px)
    with pytest.raises(DescriptorMismatchError):
        z.substitute({"x": Descriptor(2, 3).variable(0)})


@pytest.mark.parametrize("d", [Descriptor(2, 5), Descriptor(2, 4, 2, 2), Descriptor(4, 3)], ids=repr)
def test_maps_compose_and_invert(d):
    rng = np.random.default_rng(7)
    shape = (d.variables, d.size)
    outer, inner = (
        TaylorMap.from_coefficients(d, rng.uniform(-1, 1, shape) + 1j * rng.uniform(-1, 1, shape)) for _ in range(2)
    )
    for a, b in ((outer, inner), (outer, TaylorMap.from_coefficients(d, inner.coefficients.real))):
        composed = a @ b
        parameters = [d.parameter(k) for k in range(d.parameters)]
        arguments = [*b, *parameters]
        for found, component in zip(composed, a, strict=True):
            expected = d.constant(0.0) + 0j
            for exponents, coefficient in component.terms().items():
                term = d.constant(1.0) * coefficient
                for argument, exponent in zip(arguments, exponents, strict=True):
                    term = term * argument**exponent
                expected = expected + term
            assert close(found, expected, 1e-12)
    without = TaylorMap([c - c.value for c in inner])
    identity = TaylorMap.identity(d).coefficients
    assert np.abs((without.inverse() @ without).coefficients - identity).max() < 1e-8 * without.inverse()[0].norm()
    with pytest.raises(SingularMapError):
        TaylorMap([d.variable(0) * 1j] * d.variables).inverse()


@given(any_descriptor, st.integers(0, 2**32 - 1))
@settings(max_examples=25, deadline=None)
def test_maps_of_complex_type_are_those_of_real_series(d, seed):
    """Real maps as complex ones, and turned by i: the pairs go through the same compositions and inverses."""
    m = TaylorMap([z + 0.1 * random_series(d, seed + i, 1) for i, z in enumerate(d.identity())])
    as_complex = TaylorMap.from_coefficients(d, m.coefficients.astype(complex))
    turned = TaylorMap.from_coefficients(d, 1j * m.coefficients)
    assert close((as_complex @ as_complex).coefficients, (m @ m).coefficients, 1e-13)
    assert close((turned @ as_complex).coefficients, 1j * (m @ m).coefficients, 1e-13)
    inverse = m.inverse().coefficients
    assert close(as_complex.inverse().coefficients, inverse, 1e-11 * np.abs(inverse).max())


def test_change_to_the_resonance_basis_and_back():
    d = Descriptor(4, 4)
    rng = np.random.default_rng(8)
    basis = TaylorMap.linear(d, np.kron(np.eye(2), [[1.0, -1.0j], [1.0, 1.0j]]))
    angles = rng.uniform(0, 6, 2)
    x, px, y, py = d.identity()
    rotation = []
    for angle, q, p in ((angles[0], x, px), (angles[1], y, py)):
        rotation += [math.cos(angle) * q + math.sin(angle) * p, math.cos(angle) * p - math.sin(angle) * q]
    in_basis = basis @ TaylorMap(rotation) @ basis.inverse()
    phases = np.exp(1j * np.repeat(angles, 2) * [1, -1, 1, -1])
    assert np.abs(in_basis.jacobian() - np.diag(phases)).max() < 1e-15
    h = random_series(d, 9)
    back = (TaylorMap([h]) @ basis.inverse()) @ basis
    assert close(back[0], h, 1e-14)


def test_readable_text():
    z = Descriptor(1, 2, names=("x",)).variable(0, 1.0) * (1 - 2j)
    assert repr(z).splitlines() == [
        "ComplexTPS of order 2 in x",
        "                                       coefficient degree    x",
        "   1.0000000000000000e+00 -2.0000000000000000e+00i      0    0",
        "   1.0000000000000000e+00 -2.0000000000000000e+00i      1    1",
        "  + O(3)",
    ]


@pytest.mark.parametrize("name", ["z.npz", "z.h5"])
def test_archives_and_texts_keep_complex_series(tmp_path, name):
    z = random_complex(D, 10)
    for series in (z, TaylorMap([z, z * 1j])):
        files.save(tmp_path / name, series)
        for found in (files.load(tmp_path / name), files.from_gtpsa_text(files.to_gtpsa_text(series), D.names)):
            assert type(found) is type(series) and np.array_equal(found.coefficients, series.coefficients)


def test_brackets_in_the_resonance_basis():
    d = Descriptor(2, 4)
    x, px = d.identity()
    plus, minus = x - 1j * px, x + 1j * px
    assert close(poisson_bracket(plus, minus), d.constant(2.0) * 1j)
    monomial = plus**2 * minus
    assert close(poisson_bracket(0.5 * plus * minus, monomial), -1j * monomial)
    assert close(poisson_bracket(x, plus), d.constant(-1.0) * 1j) and type(poisson_bracket(x, px)) is TPS


def test_what_takes_real_series_refuses_complex_ones():
    z, d = random_complex(Descriptor(2, 3), 11).homogeneous(2), Descriptor(2, 3)
    m = TaylorMap([d.variable(0) * 1j, d.variable(1) * 1j])
    of_series = lambda: lie_exponential(z), lambda: lie_apply(z, d.variable(0)), lambda: TPSBatch.stack([z])
    of_maps = m.symplectic_error, lambda: logarithm(m), lambda: dragt_finn(m), lambda: symplectify(m)
    for function in of_series + of_maps:
        with pytest.raises(TypeError, match="takes real series"):
            function()
