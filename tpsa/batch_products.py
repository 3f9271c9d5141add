"""Compiled kernels of batches: products of blocks of series.

Eight series stand side by side in a block (size, LANES): every coefficient is a row of lanes. The loops are those of
`tpsa.products` with rows of lanes in place of numbers, so targets are looked up once for eight series and no scatter
hinders full vectors. Two monomials of the outer factor go together, for they share the loads of the inner one, and the
inner one is taken in tiles that stay in the first cache. `c` are the words of a plan, `targets` its product table; one
block is given by its address.
"""

from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

from tpsa.context import ORDER, SIZE, WORD, degree_starts, words
from tpsa.jit import njit
from tpsa.products import block_tables
from tpsa.vectors import LANES, any_of, emit_load, emit_store, lanes_type, load, splat, store, times, times_plus

TILE = 64  # monomials of the inner factor
FUSED = ("contract",)


@intrinsic
def scatter_lanes(typingctx, out, targets, shifts, sources, factors, begin, end):
    """out[targets[s + i]] += sum_k factor[s, k] * source[k][i] for every shift s and i from begin to end - 1.

    `shifts` and `sources` are tuples; `factors` is the tuple of one (len(sources),) tuple after the other.
    """
    rows, operands = len(shifts), len(sources)

    def codegen(context, builder, signature, args):
        out, targets, shifts, sources, factors, begin, end = args
        table = context.make_array(signature.args[1])(context, builder, targets).data
        tables = [builder.gep(table, [s]) for s in cgutils.unpack_tuple(builder, shifts, rows)]
        sources = cgutils.unpack_tuple(builder, sources, operands)
        factors = cgutils.unpack_tuple(builder, factors, rows * operands)
        with cgutils.for_range_slice(builder, begin, end, WORD(1), inc=True) as (i, _):
            places = [builder.zext(builder.load(builder.gep(row, [i])), WORD) for row in tables]
            values = [emit_load(builder, source, i) for source in sources]
            sums = [emit_load(builder, out, place) for place in places]
            for k, factor in enumerate(factors):
                product = builder.fmul(factor, values[k % operands], flags=FUSED)
                sums[k // operands] = builder.fadd(sums[k // operands], product, flags=FUSED)
            for place, total in zip(places, sums, strict=True):
                emit_store(builder, out, place, total)
        return context.get_dummy_value()

    word, several = types.int64, types.UniTuple
    signature = types.void(
        word, targets, several(word, rows), several(word, operands), several(lanes_type, rows * operands), word, word
    )
    return signature, codegen


@njit
def clear(out, begin, end):
    """Zero rows begin to end - 1."""
    for i in range(begin, end):
        store(out, i, splat(0.0))


@njit
def add_corner(targets, out, x, y, j, shift, scale_x, scale_y, left, right):
    """Terms of row j of `add_rows` with i in the block of j itself."""
    xj, yj = times(scale_x, load(x, j)), times(scale_y, load(y, j))
    if not (any_of(xj) or any_of(yj)):
        return
    if left <= j < right:
        place = int(targets[shift + j])
        store(out, place, times_plus(xj, load(y, j), load(out, place)))
    scatter_lanes(out, targets, (shift,), (y, x), (xj, yj), max(left, j + 1), right)


@njit
def add_rows(c, targets, out, x, y, b, scale_x, scale_y, begin, end):
    """Add scale_x * x[j] * y[i] + scale_y * y[j] * x[i] for j in block b and i from begin to end - 1, but not below j.

    (i, j) and (j, i) come together, for they share the target; i = j counts once. Of x = y, `scale_y` is not looked at:
    both scales are the same.
    """
    first, _, segment_start, segments, row_start = block_tables(c)
    head, last = first[b], first[b + 1]
    for s in range(segment_start[b], segment_start[b + 1]):
        left, right, offset = max(segments[3 * s], begin), min(segments[3 * s + 1], end), segments[3 * s + 2]
        if right <= max(left, head):
            continue
        for j in range(head, last):
            add_corner(targets, out, x, y, j, row_start[j] + offset, scale_x, scale_y, left, min(right, last))
        left = max(left, last)
        if x == y:
            add_outer_tiles(c, targets, out, x, times(splat(2.0), scale_x), b, x, left, right, offset)
            continue
        for begin_tile in range(left, right, TILE):
            end_tile = min(begin_tile + TILE, right)
            for j in range(head, last - 1, 2):
                xj, yj = times(scale_x, load(x, j)), times(scale_y, load(y, j))
                xk, yk = times(scale_x, load(x, j + 1)), times(scale_y, load(y, j + 1))
                if any_of(xj) or any_of(yj) or any_of(xk) or any_of(yk):
                    shifts = row_start[j] + offset, row_start[j + 1] + offset
                    scatter_lanes(out, targets, shifts, (y, x), (xj, yj, xk, yk), begin_tile, end_tile)
            if (last - head) % 2 == 1:
                j = last - 1
                xj, yj = times(scale_x, load(x, j)), times(scale_y, load(y, j))
                scatter_lanes(out, targets, (row_start[j] + offset,), (y, x), (xj, yj), begin_tile, end_tile)


@njit
def add_outer_tiles(c, targets, out, outer, scale, b, inner, left, right, offset):
    """Add scale * outer[j] * inner[i] for j in block b and i from left to right - 1, within one segment."""
    first, _, _, _, row_start = block_tables(c)
    head, last = first[b], first[b + 1]
    for begin_tile in range(left, right, TILE):
        end_tile = min(begin_tile + TILE, right)
        for j in range(head, last - 1, 2):
            one, two = times(scale, load(outer, j)), times(scale, load(outer, j + 1))
            if any_of(one) or any_of(two):
                shifts = row_start[j] + offset, row_start[j + 1] + offset
                scatter_lanes(out, targets, shifts, (inner,), (one, two), begin_tile, end_tile)
        if (last - head) % 2 == 1:
            one = times(scale, load(outer, last - 1))
            scatter_lanes(out, targets, (row_start[last - 1] + offset,), (inner,), (one,), begin_tile, end_tile)


@njit
def add_outer(c, targets, out, outer, scale, b, inner, begin, end):
    """Add scale * outer[j] * inner[i] for j in block b and i from begin to end - 1."""
    _, _, segment_start, segments, _ = block_tables(c)
    for s in range(segment_start[b], segment_start[b + 1]):
        left, right = max(segments[3 * s], begin), min(segments[3 * s + 1], end)
        add_outer_tiles(c, targets, out, outer, scale, b, inner, left, right, segments[3 * s + 2])


@njit
def add_between(c, targets, out, outer, least, most, inner, begin, end, top):
    """Add (degrees least to most of outer) * (monomials begin to end - 1 of inner), up to degree `top`."""
    starts = degree_starts(c)
    first, block_degree = block_tables(c)[:2]
    b = 0
    while block_degree[b] < least:
        b += 1
    while first[b] < c[SIZE] and block_degree[b] <= most:
        add_outer(c, targets, out, outer, splat(1.0), b, inner, begin, min(starts[top - block_degree[b] + 1], end))
        b += 1


@njit
def advance(c, targets, out, x, degree_x, y, degree_y, k, limit, ratio, of_x, of_y):
    """Add what E^-1 (ratio (of_x Y E X + of_y X E Y)) gains up to degree `limit` when parts of degree k are known.

    X and Y are series without constant parts, `ratio` lanes. What is gained are the products of one part of degree k
    and one of degree 1 to k; see `tpsa.series`.
    """
    starts = degree_starts(c)
    first, block_degree = block_tables(c)[:2]
    begin, end, most = starts[k], starts[k + 1], min(k, limit - k)
    b = 1
    while first[b] < c[SIZE] and block_degree[b] <= most:
        g = block_degree[b]
        outer_x = times(splat((of_x * g + of_y * k) / (g + k)), ratio)
        outer_y = times(splat((of_x * k + of_y * g) / (g + k)), ratio)
        if k <= min(degree_x, degree_y):
            add_rows(c, targets, out, x, y, b, outer_x, outer_y, begin, end)
        elif k <= degree_x and g <= degree_y:
            add_outer(c, targets, out, y, outer_y, b, x, begin, end)
        elif k <= degree_y and g <= degree_x:
            add_outer(c, targets, out, x, outer_x, b, y, begin, end)
        b += 1


@njit
def address(blocks, b):
    """Address of block b; of the only block where there is just one."""
    return blocks.ctypes.data + (8 * LANES * blocks.shape[1] * b if len(blocks) > 1 else 0)


@njit
def product(plan, targets, out, x, y, degree_x, degree_y):
    """Blocks out = x y of series of the given degrees; one block of x or y serves all."""
    c = words(plan)
    starts = degree_starts(c)
    if degree_x < degree_y:
        x, y, degree_x, degree_y = y, x, degree_y, degree_x
    for b in range(len(out)):
        multiply(c, targets, address(out, b), address(x, b), degree_x, address(y, b), degree_y)
        clear(address(out, b), starts[min(c[ORDER], degree_x + degree_y) + 1], c[SIZE])


@njit
def multiply(c, targets, out, x, degree_x, y, degree_y):
    """One block out = x y, `degree_x` not below `degree_y`; undefined above their sum."""
    starts, top = degree_starts(c), min(c[ORDER], degree_x + degree_y)
    both, end = starts[degree_y + 1], starts[degree_x + 1]
    x0, y0 = load(x, 0), load(y, 0)
    store(out, 0, times(x0, y0))
    for i in range(1, both):
        store(out, i, times_plus(y0, load(x, i), times(x0, load(y, i))))
    for i in range(both, end):
        store(out, i, times(y0, load(x, i)))
    clear(out, end, starts[top + 1])
    first, block_degree = block_tables(c)[:2]
    one, b = splat(1.0), 1
    while first[b] < c[SIZE] and block_degree[b] <= degree_y and 2 * block_degree[b] <= top:
        bound = starts[min(top - block_degree[b], degree_y) + 1]
        add_rows(c, targets, out, x, y, b, one, one, first[b], bound)
        b += 1
    if degree_x > degree_y > 0:
        add_between(c, targets, out, y, 1, min(degree_y, top - degree_y - 1), x, both, end, top)
