"""The tokens of an answer as people read them: numbers are generated lowest digit first."""

from __future__ import annotations

from collections.abc import Sequence


def reading_order(tokens: Sequence[str]) -> list[tuple[int, str]]:
    """Return (position in `tokens`, text as it is read) in reading order: the digits of a number turned, its space before it.

    tokens : texts of tokens as `Step.text` has them.
    """
    out: list[tuple[int, str]] = []
    number: list[int] = []
    for i, token in enumerate(tokens):
        digit = len(token.strip()) == 1 and token.strip().isdigit()
        if not digit or token.startswith(" "):
            out += _turned(number, tokens)
            number = []
        if digit:
            number.append(i)
        else:
            out.append((i, token))
    return out + _turned(number, tokens)


def _turned(number: Sequence[int], tokens: Sequence[str]) -> list[tuple[int, str]]:
    if not number:
        return []
    space = " " if tokens[number[0]].startswith(" ") else ""
    first, *rest = reversed(number)
    return [(first, space + tokens[first].strip()), *((i, tokens[i].strip()) for i in rest)]
