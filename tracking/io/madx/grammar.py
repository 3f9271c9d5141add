"""Grammar of single MAD-X statements and of conditions."""

from __future__ import annotations

import re
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any

from tracking.expressions import GRAMMAR, Expression, ExpressionError, make_builder, number
from tracking.io.madx.source import Source
from tracking.io.madx.statements import Assignment, Attribute, Command, LineItem, LineStatement, Statement

if TYPE_CHECKING:
    from lark import Lark

MAX_NESTING = 100  # brackets inside each other in a LINE
MAX_BRACKETS = 100_000  # in one statement

_NAME = r"[a-z_][\w.$]*"
_NUMBER = r"[+-]?\s*(?:0x[\da-f]+(?:\.[\da-f]*)?(?:p[+-]?\d+)?|(?:\d+(?:\.\d*)?|\.\d+)(?:[ed](?:\s*[+-])?\d+)?)"
_WORD = rf"(?:#[se]|{_NAME})(?:\[\s*\d+\s*\])?"
_SETTING = re.compile(rf",[\s,]*([a-z_][\w.]*)\s*+(:?)\s*+=\s*(?:({_NUMBER})|({_WORD}))(?=\s*[,;])")

# A number or a word that is a whole value is one token, and so is a run of attributes with such values: most of a big
# file is made of them, and a token costs far less than the way through all levels of an expression. As in MAD-X, the
# comma may be left out behind the class and behind quoted text, and several may stand where one is due.
STATEMENTS = rf"""
statement: (assignment | command | line) ";"
assignment: QUALIFIER* (NAME | REFERENCE) ASSIGN (value | STRING)
command: QUALIFIER* [LABEL] _class _without_comma (SETTINGS | attribute | text _without_comma)* _commas?
_class: NAME | STRING
_without_comma: first_text* first?
first_text: FIRST STRING -> attribute
first: FIRST value -> attribute | FLAG -> attribute
attribute: ATTRIBUTE value | _commas FLAG
_commas: ","+
text: ATTRIBUTE STRING -> attribute
?value: LITERAL | WORD | sum -> expression | array
array: "{{" [value] ("," [value])* "}}"
line: LABEL LINE item (("," | "+") item)* ")"
item: (MINUS | REPEAT)* (NAME | STRING | group)
group: "(" item (("," | "+") item)* ")"
QUALIFIER.9: /(const|real|int|shared)\s+(?=[a-z_"'])/
LABEL.8: /({_NAME}|"[^"]*"|'[^']*')[\s,]*+:(?!\s*=)/
SETTINGS.9: /({_SETTING.pattern})+/
ATTRIBUTE.8: /,[\s,]*[a-z_][\w.]*\s*+:?\s*+=/
FLAG.7: /[+-]?[a-z_][\w.]*(?=\s*[,;])/
FIRST.8: /[a-z_][\w.]*\s*+:?\s*+=/
LINE.9: /line\s*:?\s*=\s*\(/
LITERAL.6: /{_NUMBER}(?=\s*[,;}}])/
WORD.5: /{_WORD}(?=\s*[,;}}])/
REPEAT: /\d+\s*\*/
MINUS: "-"
ASSIGN: /:?\s*=/
STRING: /"[^"]*"|'[^']*'/
"""


def _make_statement_builder() -> type:
    """Transformer class that turns matches of `STATEMENTS` into statements."""

    class StatementBuilder(make_builder()):
        def statement(self, parts: list) -> Statement:
            return parts[0]

        def assignment(self, parts: list) -> Assignment:
            *qualifiers, name, assign, value = parts
            return Assignment(_squeezed(name), assign[0] == ":", value, frozenset(map(str.strip, qualifiers)))

        def command(self, parts: list) -> Command:
            tokens = [part for part in parts if part is not None and getattr(part, "type", "") != "QUALIFIER"]
            label = _label(tokens.pop(0)) if getattr(tokens[0], "type", "") == "LABEL" else ""
            attributes: list[Attribute] = []
            for token in tokens[1:]:
                attributes += token if isinstance(token, list) else (token,)
            return Command(label, _name(tokens[0]), tuple(attributes))

        def attribute(self, parts: list) -> Attribute:
            token = parts[0].lstrip(", \t\r\n")
            if len(parts) == 1:
                return Attribute(token.lstrip("+-"), False, token[0] != "-")
            return Attribute(token.rstrip(":= \t\r\n"), ":" in token, parts[1])

        def expression(self, parts: list) -> float | Expression:
            (program,) = parts
            return program[0] if len(program) == 1 and type(program[0]) is float else Expression(program)

        def array(self, parts: list) -> tuple:
            return () if parts == [None] else tuple(0.0 if part is None else part for part in parts)

        def line(self, parts: list) -> LineStatement:
            return LineStatement(_label(parts[0]), tuple(parts[2:]))

        def item(self, parts: list) -> LineItem:
            *prefixes, target = parts
            count = 1
            for prefix in prefixes:
                count *= int(min(float(prefix[:-1]), 1e18)) if prefix != "-" else 1
            if count < 1:
                raise ExpressionError("a repetition of 0 times in a LINE; expected 1 or more")
            reflected = sum(prefix == "-" for prefix in prefixes) % 2 == 1
            if isinstance(target, str):
                return LineItem(_name(target), count, reflected)
            depth = 1 + max(item.depth for item in target)
            if depth > MAX_NESTING:
                raise ExpressionError(f"brackets nested more than {MAX_NESTING} deep in a LINE are refused")
            return LineItem(target, count, reflected, depth)

        def group(self, parts: list) -> tuple:
            return tuple(parts)

        def SETTINGS(self, token: str) -> list[Attribute]:
            return [
                Attribute(name, bool(colon), self.LITERAL(literal) if literal else self.WORD(word))
                for name, colon, literal, word in _SETTING.findall(token + ";")
            ]

        def LITERAL(self, token: str) -> float:
            return number(token)

        def WORD(self, token: str) -> Expression:
            return Expression(self.name([token]))

        def STRING(self, token: Any) -> Any:
            return token.update(value=token[1:-1])

    return StatementBuilder


def _squeezed(text: str) -> str:
    return "".join(text.split())


def _label(token: str) -> str:
    """Name of a label; commas in front of its colon are passed over, as in MAD-X."""
    return _name(token.rstrip(":, \t\r\n"))


def _name(token: str) -> str:
    """Name of a token, without the quotes of a quoted one."""
    return token.strip().strip("\"'").lower()


@cache
def _parser() -> Lark:
    from lark import Lark

    return Lark(
        GRAMMAR + STATEMENTS, start=["statement", "condition"], parser="lalr", transformer=_make_statement_builder()()
    )


@lru_cache(maxsize=1024)  # bodies of loops and macros come again and again
def _parsed(kind: str, text: str) -> Any:
    return _parser().parse(text, start=kind)


def parse_statement(source: Source, start: int, end: int) -> Statement:
    """Statement at text[start:end], its semicolon included.

    Raises
    ------
    MadxError
        For a syntax error; the message shows the place.
    """
    return _parse("statement", source, start, end)


def parse_condition(source: Source, start: int, end: int) -> Expression:
    """Condition at text[start:end]."""
    return Expression(_parse("condition", source, start, end))


def _parse(kind: str, source: Source, start: int, end: int) -> Any:
    from lark.exceptions import UnexpectedEOF, UnexpectedInput, UnexpectedToken

    text = source.code[start:end]
    if text.count("(") > MAX_BRACKETS:
        raise source.error(start, f"a statement of more than {MAX_BRACKETS} brackets is refused")
    try:
        return _parsed(kind, text)
    except UnexpectedInput as error:
        at_end = isinstance(error, UnexpectedEOF) or (isinstance(error, UnexpectedToken) and error.token.type == "$END")
        offset = end - 1 if at_end else start + error.pos_in_stream
        got = "the end of the statement" if at_end else repr(source.text[offset])
        raise source.error(offset, f"syntax error, unexpected {got}") from None
    except ExpressionError as error:
        raise source.error(start, str(error)) from None
