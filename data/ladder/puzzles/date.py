"""Weekdays and days of the year."""

from __future__ import annotations

from random import Random

from .base import Puzzle

_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS = {
    "January": 31,
    "February": 28,
    "March": 31,
    "April": 30,
    "May": 31,
    "June": 30,
    "July": 31,
    "August": 31,
    "September": 30,
    "October": 31,
    "November": 30,
    "December": 31,
}
_NAMES = tuple(_MONTHS)
_WEEKDAY = ("Which weekday comes {n} days {way} {day}?", "What day of the week is {n} days {way} {day}?")
_SHIFT = ("Which date is {n} days after {m} {d}?", "What is the date {n} days after {m} {d}?")
_BETWEEN = ("How many days are there from {m} {d} to {m2} {d2}?", "How many days lie between {m} {d} and {m2} {d2}?")


def make(level: int, rng: Random) -> Puzzle:
    """Level: the weekday up to 300, up to 2,000 days away; the date up to 27, up to 150 days later; days between dates (365-day years)."""
    if level < 3:
        return _weekday(level, rng)
    return _between(rng) if level == 5 else _later(level, rng)


def _weekday(level: int, rng: Random) -> Puzzle:
    n, at, way = rng.randint(8, 300 if level == 1 else 2000), rng.randrange(7), rng.choice((1, -1))
    steps, left = [], n
    for step in (700, 70, 7):
        if left >= step:
            part = left // step * step
            steps.append(f"{left} - {part} = {left - part}")
            left -= part
    answer = _DAYS[(at + way * n) % 7]
    steps.append(f"{_DAYS[at]} {'+' if way > 0 else '-'} {left}")
    text = rng.choice(_WEEKDAY).format(n=n, way="after" if way > 0 else "before", day=_DAYS[at])
    return Puzzle("date", level, text, answer, " ; ".join(steps), f"{_DAYS[at]} {way * n}")


def _later(level: int, rng: Random) -> Puzzle:
    m = rng.randrange(12)
    d, n = rng.randint(1, _MONTHS[_NAMES[m]]), rng.randint(2, 27) if level == 3 else rng.randint(28, 150)
    steps, month, day, left = [], m, d, n
    while day + left > _MONTHS[_NAMES[month]]:
        used = _MONTHS[_NAMES[month]] - day
        left -= used
        steps.append(f"{_NAMES[month]} {used} left {left}")
        month, day = (month + 1) % 12, 0
    answer = f"{_NAMES[month]} {day + left}"
    return Puzzle("date", level, rng.choice(_SHIFT).format(n=n, m=_NAMES[m], d=d), answer, " ; ".join(steps), f"{_NAMES[m]} {d} {n}")


def _between(rng: Random) -> Puzzle:
    m, m2 = sorted(rng.sample(range(12), 2))
    d, d2 = rng.randint(1, _MONTHS[_NAMES[m]]), rng.randint(1, _MONTHS[_NAMES[m2]])
    total = _MONTHS[_NAMES[m]] - d
    steps = [f"{_NAMES[m]} {total}"]
    for month in range(m + 1, m2 + 1):
        part = d2 if month == m2 else _MONTHS[_NAMES[month]]
        total += part
        steps.append(f"{_NAMES[month]} {part} sum {total}")
    text = rng.choice(_BETWEEN).format(m=_NAMES[m], d=d, m2=_NAMES[m2], d2=d2)
    return Puzzle("date", 5, text, str(total), " ; ".join(steps), f"{_NAMES[m]} {d} {_NAMES[m2]} {d2}")
