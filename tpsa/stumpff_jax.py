"""Stumpff functions of JAX arrays with their exact derivative; imported when a JAX array first meets them."""

from functools import partial
from typing import Any

import jax
import jax.numpy as jnp

from tpsa.stumpff import stumpff_array


@partial(jax.custom_jvp, nondiff_argnums=(0,))
def stumpff_jax(n: int, u: Any) -> Any:
    """c_n(u), differentiable at u = 0 and on both sides by dc_n/du = (n c_{n+2} - c_{n+1})/2."""
    return stumpff_array(n, jnp.asarray(u), jnp)


@stumpff_jax.defjvp
def _stumpff_jvp(n, primals, tangents):
    (u,), (du,) = primals, tangents
    slope = -0.5 * stumpff_jax(n + 1, u)
    if n > 0:
        slope = slope + 0.5 * n * stumpff_jax(n + 2, u)
    return stumpff_jax(n, u), slope * du
