"""Inner loops of products: sums of scaled coefficients, added at the places a product table names.

Terms are computed LANES at a time and added one by one: one store per cycle, which is what bounds a product. Rows are
followed by LANES - 1 numbers that may be read.
"""

from collections.abc import Callable
from contextlib import ExitStack

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

from tpsa.context import LANES, REAL, WORD, splat

VECTOR = ir.VectorType(REAL, LANES)
FUSED = ("contract",)


class _Terms:
    """Emits sum_k factors[k] * sources[k][i] for one index or a vector of them."""

    def __init__(self, builder: ir.IRBuilder, sources: list[ir.Value], factors: list[ir.Value]) -> None:
        self.builder, self.sources, self.factors = builder, sources, factors
        self.vectors = [splat(builder, factor) for factor in factors]

    def _sum(self, factors: list[ir.Value], values: list[ir.Value]) -> ir.Value:
        total = None
        for factor, value in zip(factors, values, strict=True):
            term = self.builder.fmul(factor, value, flags=FUSED)
            total = term if total is None else self.builder.fadd(total, term, flags=FUSED)
        return total

    def one(self, i: ir.Value) -> ir.Value:
        """The term of index i."""
        return self._sum(self.factors, [self.builder.load(self.builder.gep(x, [i])) for x in self.sources])

    def many(self, i: ir.Value) -> ir.Value:
        """The terms of LANES indices from i."""
        places = [vector_at(self.builder, x, i) for x in self.sources]
        return self._sum(self.vectors, [self.builder.load(place, align=8) for place in places])


def vector_at(builder: ir.IRBuilder, base: ir.Value, i: ir.Value) -> ir.Value:
    """Pointer to LANES numbers from base[i]."""
    return builder.bitcast(builder.gep(base, [i]), VECTOR.as_pointer())


def _emit_scatter(builder, out, targets, terms, begin, count):
    """out[targets[i]] += term i, LANES terms at a time, then the rest.

    With two operands the rest is a block too, of which the first terms are added: half the loads. It reads up to
    LANES - 1 numbers beyond the last one.
    """

    def add(i, term):
        place = builder.gep(out, [builder.zext(builder.load(builder.gep(targets, [i])), WORD)])
        builder.store(builder.fadd(builder.load(place), term), place)

    def add_lane(i, block, lane):
        add(builder.add(i, WORD(lane)), builder.extract_element(block, ir.IntType(32)(lane)))

    whole = builder.add(begin, builder.and_(count, WORD(-LANES)))
    with cgutils.for_range_slice(builder, begin, whole, WORD(LANES), inc=True) as (i, _):
        block = terms.many(i)
        for lane in range(LANES):
            add_lane(i, block, lane)
    if len(terms.sources) == 1:
        with cgutils.for_range_slice(builder, whole, builder.add(begin, count), WORD(1), inc=True) as (i, _):
            add(i, terms.one(i))
        return
    rest = builder.and_(count, WORD(LANES - 1))
    with ExitStack() as enough:
        for lane in range(LANES - 1):
            enough.enter_context(builder.if_then(builder.icmp_unsigned(">", rest, WORD(lane))))
            block = block if lane else terms.many(whole)
            add_lane(whole, block, lane)


def _codegen(operands: int) -> Callable:
    """Code of out[targets[shift + i]] += sum of `operands` factors times operands, for i from begin to end - 1."""

    def codegen(context, builder, signature, args):
        arrays = zip(signature.args[: 2 + operands], args[: 2 + operands], strict=True)
        out, targets, *sources = (context.make_array(t)(context, builder, array).data for t, array in arrays)
        *factors, shift, begin, end = args[2 + operands :]
        targets = builder.gep(targets, [shift])
        count = builder.sub(end, begin)
        with builder.if_then(builder.icmp_signed(">", count, WORD(0))):
            terms = _Terms(builder, sources, list(factors))
            _emit_scatter(builder, out, targets, terms, begin, count)
        return context.get_dummy_value()

    return codegen


@intrinsic
def scatter(typingctx, out, targets, x, factor, shift, begin, end):
    """out[targets[shift + i]] += factor * x[i] for i from begin to end - 1."""
    return types.void(out, targets, x, types.float64, *[types.int64] * 3), _codegen(1)


@intrinsic
def scatter_pairs(typingctx, out, targets, x, y, factor_x, factor_y, shift, begin, end):
    """out[targets[shift + i]] += factor_x * x[i] + factor_y * y[i] for i from begin to end - 1."""
    return types.void(out, targets, x, y, *[types.float64] * 2, *[types.int64] * 3), _codegen(2)
