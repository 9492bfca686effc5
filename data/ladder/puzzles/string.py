"""Letters changed."""

from __future__ import annotations

from random import Random

from .base import Puzzle

_LETTERS = "abcdefghijklmnopqrstuvwxyz"
_TEXTS = {
    "upper": ('Write "{s}" in capital letters.', 'Uppercase "{s}".'),
    "reverse": ('Reverse "{s}".', 'Write "{s}" backwards.'),
    "drop": ('Remove the letter "{x}" from "{s}".', 'Delete every "{x}" in "{s}".'),
    "second": ('Take every second letter of "{s}".', 'Write every second letter of "{s}".'),
    "both": ('Reverse "{s}" and write it in capital letters.', 'Write "{s}" backwards in capital letters.'),
}
_LENGTH = {1: (4, 6), 2: (4, 6), 3: (7, 9), 4: (9, 12), 5: (7, 11)}
_KINDS = {1: ("upper",), 2: ("reverse", "drop"), 3: ("reverse", "drop", "second"), 4: ("reverse", "drop", "second"), 5: ("both",)}


def make(level: int, rng: Random) -> Puzzle:
    """Level: capitals; backwards or without a letter at 4 to 6, 7 to 9, 9 to 12 letters; two changes at once."""
    kind = rng.choice(_KINDS[level])
    letters = rng.sample(_LETTERS, 8) if kind != "drop" else rng.sample(_LETTERS, 4)
    s = "".join(rng.choice(letters) for _ in range(rng.randint(*_LENGTH[level])))
    x = rng.choice(s)
    if kind == "drop" and set(s) == {x}:
        return make(level, rng)
    backwards = s[::-1]
    answer = {"upper": s.upper(), "reverse": backwards, "drop": s.replace(x, ""), "second": s[1::2], "both": backwards.upper()}[kind]
    text = rng.choice(_TEXTS[kind]).format(s=s, x=x)
    working = backwards if kind == "both" else ""
    return Puzzle("string", level, text, answer, working, f"{kind} {s} {x if kind == 'drop' else ''}".strip())
