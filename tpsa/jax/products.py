"""Products of series as JAX primitives on coefficients (size, ...): the first axis counts monomials, others are lanes.

A product gathers, for every monomial of the result, the pairs of monomials that make it, in one dense table for each
degree: no scatter is left, which the transpose of a gather would be. The two bilinear operations below are each other's
transposes, so derivatives of any order and mode stay among them. Under vmap the new axis becomes the last one, since
neighbouring lanes then lie side by side in memory: on a CPU a third of the time of lanes that come first.

With t(i, j) the place of monomial i times monomial j:

product(x, y)_t = sum over pairs x_i y_j,  adjoint(y, w)_i = sum_j y_j w_t(i, j).
"""

from collections.abc import Callable
from functools import cache, partial

import jax
import numpy as np
from jax import numpy as jnp
from jax.extend.core import Primitive
from jax.interpreters import ad, batching, mlir
from numpy.typing import NDArray

from tpsa.descriptor import Descriptor


@cache
def product_rows(descriptor: Descriptor) -> list[tuple[slice, NDArray, NDArray]]:
    """Per block of alike monomials i: the block, the (m,) monomials j that may multiply it, (block, m) targets."""
    t, rows = descriptor.tables, []
    for b, (first, last) in enumerate(zip(t.block_starts[:-1], t.block_starts[1:], strict=True)):
        segments = t.segments[t.segment_starts[b] : t.segment_starts[b + 1]]
        allowed = np.concatenate([np.arange(begin, end) for begin, end, _ in segments])
        begin = t.row_starts[first]
        targets = t.targets[begin : begin + (last - first) * len(allowed)].reshape(last - first, -1)
        rows.append((slice(int(first), int(last)), allowed, targets.astype(np.int32)))
    return rows


@cache
def pair_tables(descriptor: Descriptor) -> list[tuple[NDArray, NDArray]]:
    """Per degree k: (targets, most pairs) monomials i and j of the pairs with i of degree 1 to k; (0, 0) fills up."""
    rows = product_rows(descriptor)[1:]
    i = np.concatenate([np.repeat(np.arange(block.start, block.stop), len(j)) for block, j, _ in rows])
    j = np.concatenate([np.tile(j, block.stop - block.start) for block, j, _ in rows])
    target = np.concatenate([targets.ravel() for _, _, targets in rows])
    order = np.argsort(target, kind="stable")
    counts = np.bincount(target, minlength=descriptor.size)
    ends = np.cumsum(counts)
    starts, tables = descriptor.degree_starts, []
    for first, last in zip(starts[:-1], starts[1:], strict=True):
        columns = np.arange(counts[first:last].max(initial=0))
        used = columns < counts[first:last, None]
        place = np.where(used, (ends - counts)[first:last, None] + columns, 0)
        tables.append(tuple(np.where(used, pairs[order][place], 0).astype(np.int32) for pairs in (i, j)))
    return tables


def _part(x: jax.Array, y: jax.Array, *, descriptor: Descriptor, k: int) -> jax.Array:
    """Part of degree k of x y without x_0 y_k; x_0 must be 0, and of y degrees below k are enough."""
    i, j = pair_tables(descriptor)[k]
    return jnp.sum(x[i] * y[j], axis=1)


def _product(x: jax.Array, y: jax.Array, *, descriptor: Descriptor) -> jax.Array:
    without = x.at[0].set(0.0)
    parts = [_part(without, y, descriptor=descriptor, k=k) for k in range(descriptor.order + 1)]
    return x[0] * y + jnp.concatenate(parts)


def _adjoint(y: jax.Array, w: jax.Array, *, descriptor: Descriptor) -> jax.Array:
    rows = product_rows(descriptor)
    return jnp.concatenate([jnp.sum(w[targets] * y[allowed], axis=1) for _, allowed, targets in rows])


def _lanes_last(x: jax.Array, axis: int | None, size: int) -> jax.Array:
    """Array with the axis of vmap behind all others, repeated `size` times where there is none."""
    if axis is batching.not_mapped:
        return jnp.broadcast_to(x[..., None], (*x.shape, size))
    return jnp.moveaxis(x, axis, -1)


def _lanewise(name: str, function: Callable[..., jax.Array], *static: str) -> Primitive:
    """Primitive of two arrays with lanes of one shape; vmap appends an axis of lanes."""
    primitive = Primitive(name)
    primitive.def_impl(jax.jit(function, static_argnames=static))

    def abstract(x, y, **parameters):
        return jax.core.ShapedArray((jax.eval_shape(partial(function, **parameters), x, y)).shape, x.dtype)

    def batch(operands, axes, **parameters):
        size = next(x.shape[axis] for x, axis in zip(operands, axes, strict=True) if axis is not batching.not_mapped)
        moved = (_lanes_last(x, axis, size) for x, axis in zip(operands, axes, strict=True))
        result = primitive.bind(*moved, **parameters)
        return result, result.ndim - 1

    primitive.def_abstract_eval(abstract)
    mlir.register_lowering(primitive, mlir.lower_fun(function, multiple_results=False))
    batching.primitive_batchers[primitive] = batch
    return primitive


product_p = _lanewise("tps_product", _product, "descriptor")
adjoint_p = _lanewise("tps_adjoint", _adjoint, "descriptor")
part_p = _lanewise("tps_part", _part, "descriptor", "k")
ad.defbilinear(
    product_p,
    lambda w, x, y, **parameters: adjoint_p.bind(y, w, **parameters),
    lambda w, x, y, **parameters: adjoint_p.bind(x, w, **parameters),
)
ad.defbilinear(
    adjoint_p,
    lambda v, y, w, **parameters: adjoint_p.bind(v, w, **parameters),
    lambda v, y, w, **parameters: product_p.bind(v, y, **parameters),
)


def product(descriptor: Descriptor, x: jax.Array, y: jax.Array) -> jax.Array:
    """Coefficients of the product of two series; lanes broadcast."""
    return product_p.bind(*aligned(x, y), descriptor=descriptor)


def part(descriptor: Descriptor, k: int, x: jax.Array, y: jax.Array) -> jax.Array:
    """Part of degree k of a product, of x without constant part and of y known below degree k; not differentiable."""
    return part_p.bind(x, y, descriptor=descriptor, k=k)


def aligned(*arrays: jax.Array) -> list[jax.Array]:
    """Arrays (size_k, ...) with their lanes broadcast to one shape."""
    lanes = jnp.broadcast_shapes(*(x.shape[1:] for x in arrays))
    return [jnp.broadcast_to(with_lane_axes(x, len(lanes)), (x.shape[0], *lanes)) for x in arrays]


def with_lane_axes(x: jax.Array, count: int) -> jax.Array:
    """Array (size, ...) with at least `count` axes of lanes, new ones of length 1 in front."""
    return x.reshape(x.shape[:1] + (1,) * (count - x.ndim + 1) + x.shape[1:])
