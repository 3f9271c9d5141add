"""The descriptor: which monomials a truncated power series keeps."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from tpsa.monomials import Limits, Tables, build_tables, check_size

if TYPE_CHECKING:
    from tpsa.tps import TPS

MAX_ORDER = 255
MEMORY_LIMIT = 2**30

_tables = cache(build_tables)


@dataclass(frozen=True)
class Descriptor:
    """Basis of truncated power series: all monomials up to an order, parameters up to an order of their own.

    Cheap to make, immutable, hashable and equal to others of the same numbers and names, with which it shares its
    tables; these are built when first asked for (0.1 s for 6 variables at order 10), and not pickled.

    Parameters
    ----------
    variables : int
        Number of variables, at least 1.
    order : int
        Largest total degree of a monomial, in variables and parameters together, 1 to 255.
    parameters : int
        Number of parameters, which follow the variables.
    parameter_order : int
        Largest degree in the parameters together, 1 to `order`; products beyond it are dropped.
    names : sequence of str, optional
        Names of variables and parameters for display; `x1, x2, ...` and `k1, k2, ...` where left out.
    max_orders : sequence of int or mapping of name to int, optional
        Largest exponent of each variable, or of each variable and parameter, at least 1: products beyond it are
        dropped. Names left out of a mapping have no limit but the orders. Kept as a tuple of all of them, None if
        they leave nothing out.
    memory_limit : int
        Bytes its tables may take, 1 GiB if not given; no part of what makes descriptors equal.

    Raises
    ------
    ValueError
        If a number is out of range or the names do not match.
    DescriptorSizeError
        If the tables would take more than `memory_limit`, when they are first needed.

    Notes
    -----
    Methods cost a look-up or an array of the size of a series.
    """

    variables: int
    order: int
    parameters: int = 0
    parameter_order: int = 0
    names: tuple[str, ...] | None = None
    max_orders: tuple[int, ...] | None = None
    memory_limit: int = field(default=MEMORY_LIMIT, compare=False, repr=False)

    def __post_init__(self) -> None:
        _check_range("variables", self.variables, 1, 10_000)
        _check_range("order", self.order, 1, MAX_ORDER)
        _check_range("parameters", self.parameters, 0, 100_000)
        _check_range("memory_limit", self.memory_limit, 1, 2**63 - 1)
        if self.parameters:
            _check_range("parameter_order", self.parameter_order, 1, self.order)
        else:
            object.__setattr__(self, "parameter_order", 0)
        names = self.names
        if names is None:
            names = [f"x{i + 1}" for i in range(self.variables)] + [f"k{i + 1}" for i in range(self.parameters)]
        if len(names) != self.variables + self.parameters or len(set(names)) != len(names):
            raise ValueError(
                f"names must be {self.variables + self.parameters} different names, of variables then parameters, "
                f"got {list(names)}"
            )
        object.__setattr__(self, "names", tuple(names))
        self._set_max_orders()
        compared = (self.variables, self.order, self.parameters, self.parameter_order, self.names, self.max_orders)
        object.__setattr__(self, "_hash", hash(compared))

    def _set_max_orders(self) -> None:
        """Check `max_orders` and replace it by a tuple for all variables and parameters, or None if it binds none."""
        given, unbound = self.max_orders, self._unbound
        if given is None:
            return
        if isinstance(given, Mapping):
            unknown = set(given) - set(self.names)
            if unknown:
                raise ValueError(f"max_orders: no {', '.join(map(repr, unknown))} among {', '.join(self.names)}")
            given = [given.get(name, most) for name, most in zip(self.names, unbound, strict=True)]
        if len(given) not in (self.variables, len(unbound)):
            raise ValueError(f"max_orders must be {self.variables} or {len(unbound)} numbers, got {list(given)}")
        for name, most in zip(self.names, given, strict=False):
            _check_range(f"max_orders of {name}", most, 1, MAX_ORDER)
        each = tuple(map(min, [*map(int, given), *unbound[len(given) :]], unbound))
        object.__setattr__(self, "max_orders", None if each == unbound else each)
        if self.limits.highest < self.order:
            raise ValueError(
                f"order must be an integer from 1 to {self.limits.highest}, the highest degree that max_orders "
                f"{each} allow, got {self.order}"
            )

    @property
    def _unbound(self) -> tuple[int, ...]:
        """Largest exponent of each variable and parameter that the orders alone allow."""
        return (self.order,) * self.variables + (self.parameter_order,) * self.parameters

    @property
    def limits(self) -> Limits:
        """Numbers that say which monomials are kept; `limits.each` has the largest exponents."""
        each = self._unbound if self.max_orders is None else self.max_orders
        return Limits(self.variables, self.order, self.parameters, self.parameter_order, each)

    @cached_property
    def tables(self) -> Tables:
        """Index tables, shared by all descriptors of the same numbers."""
        limits = self.limits
        check_size(limits, self.memory_limit)
        return _tables(limits)

    def __hash__(self) -> int:
        return self._hash

    def __reduce__(self):
        numbers = (self.variables, self.order, self.parameters, self.parameter_order)
        return Descriptor, (*numbers, self.names, self.max_orders, self.memory_limit)

    @property
    def size(self) -> int:
        """Number of coefficients."""
        return len(self.tables.exponents)

    @property
    def exponents(self) -> NDArray[np.uint8]:
        """(size, variables + parameters) exponents of each monomial."""
        return self.tables.exponents

    @property
    def degree_starts(self) -> NDArray[np.int64]:
        """(order + 2,) first monomial of each degree, then the size."""
        return self.tables.degree_starts

    @cached_property
    def _indices(self) -> dict[bytes, int]:
        return {row.tobytes(): i for i, row in enumerate(self.exponents)}

    def index(self, exponents: Sequence[int]) -> int:
        """Position of the monomial with these exponents; parameters' exponents may be left out.

        Raises
        ------
        KeyError
            If the descriptor does not keep this monomial.
        """
        full = [int(e) for e in exponents]
        if len(full) == self.variables:
            full += [0] * self.parameters
        found = None
        if len(full) == self.exponents.shape[1] and all(0 <= e <= MAX_ORDER for e in full):
            found = self._indices.get(bytes(full))
        if found is None:
            raise KeyError(
                f"no monomial with exponents {tuple(exponents)}: expected {self.variables} or "
                f"{self.variables + self.parameters} numbers >= 0 of sum <= {self.order}, "
                f"parameters' sum <= {self.parameter_order}"
                + (f", each <= {self.max_orders}" if self.max_orders else "")
            )
        return found

    def indices(self, exponents: NDArray[np.uint8]) -> NDArray[np.int64]:
        """(n,) positions of n monomials of (n, variables + parameters) exponents, -1 where one is not kept."""
        return np.array([self._indices.get(row.tobytes(), -1) for row in exponents])

    def keeps(self, exponents: Sequence[int]) -> bool:
        """Whether the monomial with these exponents, of variables and parameters, is one of the basis."""
        return (
            sum(exponents) <= self.order
            and sum(exponents[self.variables :]) <= self.parameter_order
            and (self.max_orders is None or all(e <= most for e, most in zip(exponents, self.max_orders, strict=True)))
        )

    def position(self, which: int | str) -> int:
        """Number of a variable or parameter given by number or name.

        Raises
        ------
        ValueError
            If there is none of this number or name.
        """
        if isinstance(which, str):
            if which not in self.names:
                raise ValueError(f"no variable or parameter {which!r}; there are {', '.join(self.names)}")
            return self.names.index(which)
        _check_range("variable", which, 0, len(self.names) - 1)
        return int(which)

    def parse(self, monomial: str) -> tuple[int, ...]:
        """Exponents of a monomial written with names: "x2 px", "x^2 px"; "" or "1" is the constant.

        A word that is a name means this variable; else the longest name it begins with, the rest being the exponent.

        Raises
        ------
        ValueError
            If a word is no power of a variable or parameter.
        """
        exponents = [0] * len(self.names)
        for word in monomial.split() if monomial.strip() != "1" else ():
            name, mark, power = word.partition("^")
            if not mark and word not in self.names:
                known = [n for n in self.names if word.startswith(n) and word[len(n) :].isdecimal()]
                name = max(known, key=len, default=word)
                power = word[len(name) :]
            if name not in self.names or (mark and not power.isdecimal()):
                raise ValueError(f"{word!r} in {monomial!r} is no power of {', '.join(self.names)}")
            exponents[self.names.index(name)] += int(power) if power else 1
        return tuple(exponents)

    def derivative_table(self, i: int) -> tuple[NDArray, NDArray, NDArray]:
        """Monomials of a derivative with respect to variable (or, following, parameter) i.

        Returns
        -------
        lower, upper : integer arrays
            Positions after and before the derivative.
        factors : array
            Exponents of the variable before it.
        """
        _check_range("derivative", i, 0, self.variables + self.parameters - 1)
        known = self.__dict__.setdefault("_derivatives", {})
        if i not in known:
            known[i] = self._derivative_table(i)
        return known[i]

    def _derivative_table(self, i: int) -> tuple[NDArray, NDArray, NDArray]:
        tables, unit = self.tables, 1 + i
        block = np.searchsorted(tables.block_starts, unit, side="right") - 1
        first, last = tables.segment_starts[block], tables.segment_starts[block + 1]
        lower = np.concatenate([np.arange(begin, end) for begin, end, _ in tables.segments[first:last]])
        begin = tables.row_starts[unit]
        upper = tables.targets[begin : begin + len(lower)]
        return lower, upper, self.exponents[upper, i].astype(np.float64)

    def variable(self, i: int, value: float = 0.0) -> "TPS":
        """The series value + variable i."""
        return self._linear("variable", i, self.variables, 1, value)

    def parameter(self, k: int, value: float = 0.0) -> "TPS":
        """The series value + parameter k."""
        return self._linear("parameter", k, self.parameters, 1 + self.variables, value)

    def constant(self, value: float) -> "TPS":
        """The series of one number."""
        return self._series(value)

    def identity(self, values: Sequence[float] | None = None) -> tuple["TPS", ...]:
        """The series value_i + variable i of all variables, about zero where no values are given.

        Raises
        ------
        ValueError
            If there is not one value for each variable.
        """
        values = [0.0] * self.variables if values is None else list(values)
        if len(values) != self.variables:
            raise ValueError(f"identity: values must be {self.variables} numbers, got {len(values)}")
        return tuple(self.variable(i, value) for i, value in enumerate(values))

    def _linear(self, kind: str, i: int, count: int, first: int, value: float) -> "TPS":
        _check_range(kind, i, 0, count - 1)
        return self._series(value, first + i)

    def _series(self, value: float, unit: int | None = None) -> "TPS":
        from tpsa.tps import TPS

        coefficients = np.zeros(self.size)
        coefficients[0] = value
        if unit is not None:
            coefficients[unit] = 1.0
        return TPS(self, coefficients)


def _check_range(name: str, value: int, low: int, high: int) -> None:
    """Refuse what is no integer between `low` and `high`."""
    if isinstance(value, bool) or not isinstance(value, (int, np.integer)) or not low <= value <= high:
        raise ValueError(f"{name} must be an integer from {low} to {high}, got {value!r}")
