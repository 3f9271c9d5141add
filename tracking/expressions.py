"""Parsed arithmetic expressions over names.

An expression is a flat postfix program, so that evaluating it needs no recursion and works for every number type that
`tpsa.gmath` knows: floats, Taylor series, arrays, traced JAX values.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from functools import cache
from typing import TYPE_CHECKING, Any

from tracking.arithmetic import COMPARISONS, CONSTANTS, INFIX, MINUS, OPERATIONS, ExpressionError

if TYPE_CHECKING:
    from lark import Lark

MAX_PROGRAM = 10_000  # operands and operations of one expression

_SYMBOLS = (*OPERATIONS, *CONSTANTS)
_CODES = {symbol: code for code, symbol in enumerate(_SYMBOLS)}
_TABLE = (*OPERATIONS.values(), *((0, value) for value in CONSTANTS.values()))
_FIRST_CONSTANT = len(OPERATIONS)

# Terminals of higher priority come first; NUMBER has no sign, and names may contain dots.
GRAMMAR = r"""
?condition: conjunction | condition OR conjunction -> infix
?conjunction: comparison | conjunction AND comparison -> infix
?comparison: sum | sum COMPARISON sum -> infix
?sum: product | sum PLUS product -> infix
?product: signed | product TIMES signed -> infix
?signed: power | PLUS signed -> sign
?power: atom | power POWER exponent -> infix
?exponent: atom | PLUS exponent -> sign
?atom: NUMBER -> number
     | (NAME | REFERENCE) -> name
     | FUNCTION [sum ("," sum)*] ")" -> call
     | "(" condition ")"
OR: "||"
AND: "&&"
COMPARISON: /<=|>=|==|<>|<|>/
PLUS: /[+-]/
TIMES: /[*\/]/
POWER: "^"
NUMBER: /0x[\da-f]+(\.[\da-f]*)?(p[+-]?\d+)?|(\d+(\.\d*)?|\.\d+)([ed](\s*[+-])?\d+)?/i
FUNCTION.4: /[a-z_]\w*\s*\(/i
REFERENCE.4: /[a-z_][\w.$%]*\s*->\s*[a-z_]\w*/i
NAME: /[a-z_][\w.$]*/i
%ignore /\s+/
"""


def number(text: str) -> float:
    """Value of a number literal; the exponent may be marked by e or d, and blanks may follow a sign.

    Hexadecimal ones (``0x1.8p-3``) are the exact numbers of saved files.
    """
    try:
        return float(text)
    except ValueError:
        text = "".join(text.lower().split())
        return float.fromhex(text) if "0x" in text else float(text.replace("d", "e"))


def _literal(value: float) -> str:
    return repr(value).removesuffix(".0") if math.isfinite(value) else "1e999".rjust(6 - (value > 0), "-")


class Expression:
    """Immutable arithmetic expression over names, with MAD-X semantics.

    Powers associate from the left and bind stronger than a minus sign: ``2^3^2`` is 64, ``-2^2`` is -4.
    Names are case-insensitive and may refer to an attribute, as in ``qf->k1``.

    Parameters
    ----------
    program : iterable
        Postfix program of numbers, names and operation codes; use `Expression.parse` to get one from text.
    """

    __slots__ = ("program",)
    program: tuple[float | str | int, ...]

    def __init__(self, program: Iterable[float | str | int]) -> None:
        object.__setattr__(self, "program", tuple(program))

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"an Expression is immutable; cannot set {name!r}")

    def __reduce__(self) -> tuple:
        return Expression, (self.program,)

    def __eq__(self, other: object) -> bool:
        return self.program == other.program if isinstance(other, Expression) else NotImplemented

    def __hash__(self) -> int:
        return hash(self.program)

    def __repr__(self) -> str:
        return f"Expression({self.text!r})"

    @classmethod
    def parse(cls, text: str) -> Expression:
        """Expression of a text such as ``"kqf*2 + 1e-3"``.

        Raises
        ------
        ExpressionError
            If the text is no expression; the message shows where.
        """
        from lark.exceptions import UnexpectedInput

        try:
            return cls(_parser().parse(text))
        except UnexpectedInput as error:
            column = getattr(error, "column", len(text))
            column = len(text) if column < 0 else column - 1
            raise ExpressionError(f"not an expression:\n    {text}\n    {' ' * column}^") from None

    @classmethod
    def name(cls, name: str) -> Expression:
        """Expression of one name."""
        return cls((name.lower(),))

    @classmethod
    def apply(cls, symbol: str, *operands: Expression | float) -> Expression:
        """Expression of an operator or function of the language, such as ``"*"`` or ``"sinc"``, and its operands."""
        program: list = []
        for operand in operands:
            program.extend(operand.program if isinstance(operand, Expression) else (float(operand),))
        return cls((*program, _CODES[symbol]))

    @property
    def names(self) -> frozenset[str]:
        """Names that the value depends on; predefined constants such as pi are not among them."""
        return frozenset(item for item in self.program if type(item) is str)

    def evaluate(self, lookup: Callable[[str], Any]) -> Any:
        """Value of the expression.

        Parameters
        ----------
        lookup : callable
            Gives the value of a name: a number or any type that `tpsa.gmath` knows.

        Raises
        ------
        ExpressionError
            For a division by zero or a random number.
        """
        stack: list = []
        for item in self.program:
            kind = type(item)
            if kind is str:
                stack.append(lookup(item))
            elif kind is float:
                stack.append(item)
            elif item >= _FIRST_CONSTANT:
                stack.append(_TABLE[item][1])
            else:
                arity, function = _TABLE[item]
                if arity == 2:
                    right = stack.pop()
                    stack[-1] = function(stack[-1], right)
                elif arity == 1:
                    stack[-1] = function(stack[-1])
                else:
                    stack.append(function())
        return stack[0]

    @property
    def text(self) -> str:
        """Text in the MAD-X language with this value."""
        stack: list[tuple[str, int]] = []  # text and binding strength of its outermost operator
        for item in self.program:
            if type(item) is float:
                stack.append((_literal(item), MINUS if item < 0 else 9))
            elif type(item) is str:
                stack.append((item, 9))
            else:
                stack.append(_render(_SYMBOLS[item], stack))
        return stack[0][0]


def _render(symbol: str, stack: list[tuple[str, int]]) -> tuple[str, int]:
    """Text of one operation, whose operands are taken off the stack."""

    def operand(weakest: int) -> str:
        text, strength = stack.pop()
        return text if strength >= weakest else f"({text})"

    if symbol in CONSTANTS:
        return symbol, 9
    if symbol in INFIX:
        strength = INFIX[symbol]
        right = operand(strength + 1)
        left = operand(strength + (symbol in COMPARISONS))
        return f"{left} {symbol} {right}", strength
    if symbol == "neg":
        return f"-{operand(MINUS)}", MINUS
    arity = OPERATIONS[symbol][0]
    return f"{symbol}({operand(0) if arity else ''})", 9


def make_builder() -> type:
    """Transformer class that turns matches of `GRAMMAR` into postfix programs (lists)."""
    from lark import Transformer

    class ExpressionBuilder(Transformer):
        def infix(self, parts: list) -> list:
            program, symbol, right = parts
            program.extend(right)
            program.append(_CODES[symbol])
            if len(program) > MAX_PROGRAM:
                raise ExpressionError(f"an expression of more than {MAX_PROGRAM} operands and operators is refused")
            return program

        def sign(self, parts: list) -> list:
            symbol, program = parts
            if symbol == "-":
                if len(program) == 1 and type(program[0]) is float:
                    return [-program[0]]
                program.append(_CODES["neg"])
            return program

        def number(self, tokens: list[str]) -> list:
            return [number(tokens[0])]

        def name(self, tokens: list[str]) -> list:
            text = "".join(tokens[0].lower().split())
            return [_CODES[text] if text in CONSTANTS else text]

        def call(self, parts: list) -> list:
            symbol = parts[0][:-1].strip().lower()
            operands = [part for part in parts[1:] if part is not None]
            arity = OPERATIONS[symbol][0] if symbol in OPERATIONS else None
            if symbol == "table":
                return ["table(" + ", ".join(Expression(part).text for part in operands) + ")"]
            if arity is None or len(operands) != arity:
                raise ExpressionError(
                    f"{symbol}(...) with {len(operands)} arguments; expected one of the functions "
                    + ", ".join(f"{s}/{n}" for s, (n, _) in OPERATIONS.items() if s.isalnum() and s != "neg")
                )
            return [*(operands[0] if operands else ()), _CODES[symbol]]

    return ExpressionBuilder


@cache
def _parser() -> Lark:
    from lark import Lark

    return Lark(GRAMMAR, start="condition", parser="lalr", transformer=make_builder()())
