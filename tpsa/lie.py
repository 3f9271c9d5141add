"""Lie algebra of canonical pairs (q, p) = (x1, x2), (x3, x4), ...: brackets, exponentials, factorisations of maps.

[f, g] = sum df/dq dg/dp - df/dp dg/dq, :f: g = [f, g], and exp(:f:) g = g(exp(:f:) z). Generators of degree k + 1 move
terms of degree k, so they live over a descriptor of one order more than their maps. Sources: Dragt and Finn, J. Math.
Phys. 17, 2215 (1976); Forest, Beam Dynamics: A New Attitude and Framework, 1998.
"""

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from tpsa.brackets import bracket, exponential
from tpsa.complex_tps import ComplexTPS
from tpsa.descriptor import Descriptor
from tpsa.errors import ConvergenceError, DescriptorMismatchError, require_real
from tpsa.map_logarithm import real_logarithm, without_mean
from tpsa.plans import plan
from tpsa.taylor_map import TaylorMap
from tpsa.tps import TPS

MAX_TERMS = 500
ACCURACY = 1e-17
FAST = 2.0
NEAR_IDENTITY = 1e-12
MAX_STEPS = 30


def poisson_bracket(f: TPS | ComplexTPS, g: TPS | ComplexTPS) -> TPS | ComplexTPS:
    """[f, g], exact up to order - 1; costs one product of eight series at once for each four canonical pairs.

    Complex series, in resonance bases for instance, cost that for each pair of real and imaginary parts.

    Raises
    ------
    ValueError
        If the number of variables is odd.
    DescriptorMismatchError
        If descriptors differ.
    """
    d = _common("poisson_bracket", f, g)
    if isinstance(f, ComplexTPS) or isinstance(g, ComplexTPS):
        real = poisson_bracket(f.real, g.real) - poisson_bracket(f.imag, g.imag)
        return real.with_imag(poisson_bracket(f.real, g.imag) + poisson_bracket(f.imag, g.real))
    own = plan(d)
    return TPS(d, bracket(own.address, own.targets, f.coefficients, g.coefficients, d.variables))


def lie_apply(f: TPS, g: TPS) -> TPS:
    """exp(:f:) g, summed until terms no longer count; each term costs a bracket.

    Exact to the order for f without terms of degree below 2.

    Raises
    ------
    ConvergenceError
        If the series does not converge within 500 terms or grows beyond floats.
    """
    d = _common("lie_apply", f, g)
    for series in (f, g):
        require_real("lie_apply", series.coefficients)
    return TPS(d, _exponential(d, f.coefficients, g.coefficients[None])[0])


def _exponential(d: Descriptor, f: NDArray[np.float64], series: NDArray[np.float64]) -> NDArray[np.float64]:
    """(n, size) coefficients of exp(:f:) applied to n series."""
    own = plan(d)
    result, converged = exponential(own.address, own.targets, f, series, d.variables, ACCURACY, MAX_TERMS)
    if not converged:
        raise ConvergenceError(f"exp(:f:) does not converge in {MAX_TERMS} terms; split f into smaller steps")
    _check_finite(result)
    return result


def _check_finite(coefficients: NDArray[np.float64]) -> None:
    if not np.isfinite(coefficients).all():
        raise ConvergenceError("exp(:f:) grows beyond floats; split f into smaller steps")


def lie_exponential(f: TPS) -> TaylorMap:
    """The map exp(:f:) z, the flow of the Hamiltonian -f over unit time, to one order less than f has.

    The exponential of f / 2^s is summed and then composed with itself s times, s such that its sum converges fast.
    Costs about 20 brackets for each variable and s compositions; without quadratic terms as many brackets as orders.

    Raises
    ------
    ValueError
        If f has terms of first degree, with which a truncated sum would be wrong in every order.
    ConvergenceError
        If the sum does not converge or the map grows beyond floats.
    """
    d = f.descriptor
    _check_pairs("lie_exponential", d)
    require_real("lie_exponential", f.coefficients)
    if f.homogeneous(1).coefficients.any():
        raise ValueError("lie_exponential: f must have no terms of first degree; shift the map's constant part instead")
    lower = _of_order(d, d.order - 1)
    rate = d.order * np.abs(f.hessian()[: d.variables, : d.variables]).sum(axis=0).max()
    halvings = max(0, math.ceil(math.log2(rate / FAST))) if rate > FAST else 0
    z = TaylorMap.identity(d).coefficients
    part = _exponential(d, f.coefficients / 2.0**halvings, z)[:, : lower.size]
    m = TaylorMap.from_coefficients(lower, part)
    for _ in range(halvings):
        m = m @ m
    _check_finite(m.coefficients)
    return m


def logarithm(m: TaylorMap) -> TPS:
    """The f, of one order more, with exp(:f:) z = m for a symplectic map m.

    Costs an exponential for each degree, and with a linear part other than the unit matrix a change to its eigenvectors
    and back: 25 ms at 6 variables and order 6. A linear part without independent eigenvectors, as of a drift, takes
    a linear system in all monomials of the degree instead: 3 s.

    Raises
    ------
    ValueError
        If the map has constant parts or parameters, is on a resonance, or its linear part has no real logarithm.
    """
    d = m.descriptor
    _check_map("logarithm", m)
    linear, higher = m.jacobian(), _of_order(d, d.order + 1)
    unit = np.abs(linear - np.eye(len(m))).max() <= NEAR_IDENTITY
    field = np.zeros_like(linear) if unit else real_logarithm(linear)
    f = _generator(d, TaylorMap.linear(d, field).coefficients, 1)
    for degree in range(2, d.order + 1):
        left = np.linalg.solve(linear, m.coefficients - lie_exponential(f).coefficients)
        coefficients = f.coefficients + _generator(d, left, degree).coefficients
        if not unit:
            part = slice(higher.degree_starts[degree + 1], higher.degree_starts[degree + 2])
            coefficients[part] = without_mean(coefficients[part], field, degree + 1)
        f = TPS(higher, coefficients)
    return f


def dragt_finn(m: TaylorMap) -> tuple[NDArray[np.float64], tuple[TPS, ...]]:
    """Linear part R, (2n, 2n), and generators of a symplectic map: R after ... exp(:f4:) z after exp(:f3:) z.

    The generators f3, f4, ... are homogeneous and have one order more than the map. Of a map that is not symplectic,
    they are those of the parts of its field that come from a Hamiltonian, degree by degree.

    Costs an exponential and a composition for each degree: 1 ms at 6 variables and order 4, 2 ms at order 5.

    Raises
    ------
    ValueError
        If the map is not of canonical pairs, has constant parts, or depends on parameters.
    SingularMapError
        If R is singular.
    """
    d = m.descriptor
    _check_map("dragt_finn", m)
    linear = m.jacobian()
    rest = TaylorMap.from_coefficients(d, np.linalg.solve(linear, m.coefficients))
    factors = []
    for degree in range(2, d.order + 1):
        f = _generator(d, rest.coefficients, degree)
        factors.append(f)
        rest = rest @ lie_exponential(-f)
    return linear, tuple(factors)


def from_dragt_finn(linear: NDArray[np.float64], factors: Sequence[TPS]) -> TaylorMap:
    """The map of a linear part, (2n, 2n), and at least one generator, as `dragt_finn` gives them.

    Costs as much as `dragt_finn`.

    Raises
    ------
    ConvergenceError
        If the exponential of a generator grows beyond floats.
    """
    d = factors[0].descriptor
    m = TaylorMap.identity(_of_order(d, d.order - 1))
    for f in factors:
        m = lie_exponential(f) @ m
    return TaylorMap.from_coefficients(m.descriptor, np.asarray(linear) @ m.coefficients)


def symplectify(m: TaylorMap) -> TaylorMap:
    """Symplectic map near `m`: nearest linear part by Newton's iteration, then the generators of `dragt_finn`.

    Costs a `dragt_finn` and a `from_dragt_finn`.

    Raises
    ------
    ConvergenceError
        If the linear part is too far from a symplectic matrix.
    ValueError, SingularMapError
        As `dragt_finn`.
    """
    _, factors = dragt_finn(m)
    return from_dragt_finn(symplectic_matrix(m.jacobian()), factors)


def symplectic_matrix(matrix: NDArray[np.float64]) -> NDArray[np.float64]:
    """Symplectic matrix near (2n, 2n) `matrix`: R <- R (3 - R* R)/2 with R* = -S R^T S, which converges quadratically.

    Raises
    ------
    ConvergenceError
        If it does not converge.
    """
    result, unit = np.array(matrix, np.float64), np.eye(len(matrix))
    form = np.kron(np.eye(len(matrix) // 2), [[0.0, 1.0], [-1.0, 0.0]])
    for _ in range(MAX_STEPS):
        error = -form @ result.T @ form @ result - unit
        size = np.abs(error).max()
        if not size < 1e10:
            break
        if size < 1e-15 * max(1.0, np.abs(result).max() ** 2):
            return result
        result = result @ (unit - 0.5 * error)
    raise ConvergenceError("symplectic_matrix: the matrix is too far from a symplectic one")


def _of_order(d: Descriptor, order: int) -> Descriptor:
    """The descriptor with another order; coefficients of the lower one come first in the higher one."""
    if d.max_orders is not None:
        raise ValueError(
            f"a generator needs all monomials of its order, got max_orders {d.max_orders}; take series of a Descriptor "
            "without, see TPS.to"
        )
    return Descriptor(d.variables, order, d.parameters, min(d.parameter_order, order), d.names)


def _generator(d: Descriptor, coefficients: NDArray[np.float64], degree: int) -> TPS:
    """Homogeneous f of degree + 1 with [f, z] = v, the part of this degree of a map's coefficients.

    From v_q = -df/dp and v_p = df/dq follows (degree + 1) f = sum q v_p - p v_q.
    """
    higher = _of_order(d, d.order + 1)
    fields = []
    for row in coefficients:
        field = np.zeros(higher.size)
        part = slice(d.degree_starts[degree], d.degree_starts[degree + 1])
        field[part] = row[part]
        fields.append(TPS(higher, field))
    z, f = higher.identity(), higher.constant(0.0)
    for q in range(0, len(z), 2):
        f = f + z[q] * fields[q + 1] - z[q + 1] * fields[q]
    return f / (degree + 1)


def _common(name: str, f: TPS, g: TPS) -> Descriptor:
    """The descriptor of canonical pairs that two series share."""
    if f.descriptor != g.descriptor:
        raise DescriptorMismatchError(f"{name}: series of {f.descriptor} and {g.descriptor}; must be the same")
    _check_pairs(name, f.descriptor)
    return f.descriptor


def _check_pairs(name: str, descriptor: Descriptor) -> None:
    if descriptor.variables % 2:
        raise ValueError(f"{name}: canonical pairs need an even number of variables, got {descriptor.variables}")


def _check_map(name: str, m: TaylorMap) -> None:
    _check_pairs(name, m.descriptor)
    require_real(name, m.coefficients)
    if len(m) != m.descriptor.variables or m.descriptor.parameters:
        raise ValueError(f"{name}: needs as many components as variables and no parameters")
    if m.value.any():
        raise ValueError(f"{name}: the map has constant parts {m.value.tolist()}; move it to its fixed point")
