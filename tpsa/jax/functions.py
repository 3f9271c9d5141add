"""Elementary functions on coefficients (size, ...) by the graded recursions of `tpsa.series`, unrolled over degrees.

Part k of a result gathers what its recursion needs from lower parts: one product in all. Derivatives are those of the
truncated algebra, d f(A) = f'(A) dA, a product each, so that no recursion is run backwards.
"""

from collections.abc import Callable
from functools import partial

import jax
import numpy as np
from jax import lax
from jax import numpy as jnp

from tpsa.atanc_jax import atanc_jax
from tpsa.descriptor import Descriptor
from tpsa.jax.products import part, product, with_lane_axes
from tpsa.stumpff_jax import stumpff_jax


def degrees(d: Descriptor) -> np.ndarray:
    """(size,) degree of every monomial."""
    return np.repeat(np.arange(d.order + 1.0), np.diff(d.degree_starts))


def _weighted(d: Descriptor, a: jax.Array, slope: float, offset: float) -> jax.Array:
    """(slope g + offset) a on the parts of degrees g >= 1, without constant part."""
    weights = np.where(degrees(d) > 0, slope * degrees(d) + offset, 0.0)
    return with_lane_axes(jnp.asarray(weights), a.ndim - 1) * a


def _parts(d: Descriptor) -> list[tuple[int, slice]]:
    """Degrees from 1 on, and where their monomials lie."""
    starts = d.degree_starts.tolist()
    return [(k, slice(starts[k], starts[k + 1])) for k in range(1, d.order + 1)]


def _filled(known: jax.Array, monomials: slice, values: jax.Array) -> jax.Array:
    """`known` with one more part, finished: the compiler must not compute it again inside of later ones."""
    return lax.optimization_barrier(known.at[monomials].set(values))


def _constants(a: jax.Array, first: jax.Array) -> jax.Array:
    """Series of the constant parts `first`."""
    return jnp.zeros_like(a).at[0].set(first)


@partial(jax.custom_jvp, nondiff_argnums=(0, 1))
def power(d: Descriptor, exponent: float, a: jax.Array) -> jax.Array:
    """a^exponent for a real exponent."""
    first = 1.0 / jnp.sqrt(a[0]) if exponent == -0.5 else a[0] ** exponent
    known = _constants(a, first)
    for k, monomials in _parts(d):
        weighted = _weighted(d, a, exponent + 1.0, -float(k))
        known = _filled(known, monomials, part(d, k, weighted, known) / (k * a[0]))
    return known


@power.defjvp
def _power_jvp(d, exponent, primals, tangents):
    (a,), (da,) = primals, tangents
    return power(d, exponent, a), product(d, exponent * power(d, exponent - 1.0, a), da)


@partial(jax.custom_jvp, nondiff_argnums=(0,))
def exp(d: Descriptor, a: jax.Array) -> jax.Array:
    """exp(a)."""
    known, weighted = _constants(a, jnp.exp(a[0])), _weighted(d, a, 1.0, 0.0)
    for k, monomials in _parts(d):
        known = _filled(known, monomials, part(d, k, weighted, known) / k)
    return known


@exp.defjvp
def _exp_jvp(d, primals, tangents):
    result = exp(d, *primals)
    return result, product(d, result, *tangents)


@partial(jax.custom_jvp, nondiff_argnums=(0,))
def log(d: Descriptor, a: jax.Array) -> jax.Array:
    """log(a); the recursion finds E log(a), whose constant part is 0."""
    known, weighted = jnp.zeros_like(a), _weighted(d, a, 0.0, 1.0)
    for k, monomials in _parts(d):
        known = _filled(known, monomials, (k * a[monomials] - part(d, k, weighted, known)) / a[0])
    scale = with_lane_axes(jnp.asarray(1.0 / np.maximum(degrees(d), 1.0)), a.ndim - 1)
    return (scale * known).at[0].set(jnp.log(a[0]))


@log.defjvp
def _log_jvp(d, primals, tangents):
    return log(d, *primals), product(d, power(d, -1.0, *primals), *tangents)


@partial(jax.custom_jvp, nondiff_argnums=(0, 1))
def sine_and_cosine(d: Descriptor, sign: float, a: jax.Array) -> tuple[jax.Array, jax.Array]:
    """(sin, cos) of a for sign -1, (sinh, cosh) for sign 1."""
    first = (jnp.sin(a[0]), jnp.cos(a[0])) if sign < 0.0 else (jnp.sinh(a[0]), jnp.cosh(a[0]))
    sine, cosine = (_constants(a, values) for values in first)
    weighted = _weighted(d, a, 1.0, 0.0)
    for k, monomials in _parts(d):
        rise, fall = part(d, k, weighted, cosine) / k, part(d, k, weighted, sine) * (sign / k)
        sine, cosine = _filled(sine, monomials, rise), _filled(cosine, monomials, fall)
    return sine, cosine


@sine_and_cosine.defjvp
def _sine_and_cosine_jvp(d, sign, primals, tangents):
    sine, cosine = sine_and_cosine(d, sign, *primals)
    return (sine, cosine), (product(d, cosine, *tangents), sign * product(d, sine, *tangents))


def composed(d: Descriptor, taylor: list[jax.Array], a: jax.Array) -> jax.Array:
    """sum_k taylor[k] (a - constant part)^k by Horner's scheme; `order` products."""
    argument = a.at[0].set(0.0)
    result = jnp.zeros_like(a).at[0].set(taylor[-1])
    for coefficient in taylor[-2::-1]:
        result = product(d, result, argument).at[0].set(coefficient)
    return result


def stumpff(d: Descriptor, a: jax.Array, n: int) -> jax.Array:
    """Stumpff function c_n by its derivatives, c_n' = (n c_{n+2} - c_{n+1})/2."""
    functions = {m: stumpff_jax(m, a[0]) for m in range(n, n + 2 * d.order + 1)}
    taylor = [functions[n]]
    for k in range(1, d.order + 1):
        functions = {
            m: (m * functions[m + 2] - functions[m + 1]) / (2.0 * k) for m in range(n, n + 2 * (d.order - k) + 1)
        }
        taylor.append(functions[n])
    return composed(d, taylor, a)


FUNCTIONS: dict[str, Callable[..., jax.Array]] = {
    "inv": lambda d, a: power(d, -1.0, a),
    "sqrt": lambda d, a: power(d, 0.5, a),
    "rsqrt": lambda d, a: power(d, -0.5, a),
    "exp": exp,
    "log": log,
    "sin": lambda d, a: sine_and_cosine(d, -1.0, a)[0],
    "cos": lambda d, a: sine_and_cosine(d, -1.0, a)[1],
    "sinh": lambda d, a: sine_and_cosine(d, 1.0, a)[0],
    "cosh": lambda d, a: sine_and_cosine(d, 1.0, a)[1],
    "stumpff": stumpff,
    "atanc": lambda d, a: composed(d, [atanc_jax(k, a[0]) for k in range(d.order + 1)], a),
}
