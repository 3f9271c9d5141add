"""Truncated power series of JAX arrays, for jit, vmap, gradients and GPUs.

`Series` has the operators of `tpsa.TPS` and works with every function of `tpsa.gmath`. Importing this package imports
JAX; 64-bit numbers must be switched on before the first series is made.
"""

from tpsa.jax.series import Series

__all__ = ["Series"]
