"""atan(v)/v of JAX arrays with its exact derivative; imported when a JAX array first meets it."""

from functools import partial
from typing import Any

import jax
import jax.numpy as jnp

from tpsa.atanc import NEAR, atanc_array


@partial(jax.custom_jvp, nondiff_argnums=(0,))
def atanc_jax(k: int, v: Any) -> Any:
    """k-th Taylor coefficient of atan(v)/v about v; k = 0 is the function."""
    v = jnp.asarray(v)
    if k == 0:
        return atanc_array(v, jnp)
    near = jnp.abs(v) < NEAR
    small = jnp.where(near, v, 0.0)
    series = 0.0 * v
    terms = range((k + 1) // 2, (k + 1) // 2 + 60 + 10 * k)
    for m in reversed(terms):
        binomial = 1.0
        for i in range(k):
            binomial *= (2 * m - i) / (i + 1)
        series = series * (small * small) + (-1) ** m * binomial / (2 * m + 1)
    series = series * small if k % 2 else series
    large = jnp.where(near, 1.0, v)
    f, lower, g = atanc_array(large, jnp), 0.0 * large, 1.0 / (1.0 + large * large)
    for j in range(k):
        f = (g / (j + 1) - f) / large
        lower, g = g, -(2.0 * large * g + lower) / (1.0 + large * large)
    return jnp.where(near, series, f)


@atanc_jax.defjvp
def _atanc_jvp(k, primals, tangents):
    (v,), (dv,) = primals, tangents
    return atanc_jax(k, v), (k + 1) * atanc_jax(k + 1, v) * dv
