"""Sums, measures and the calendar."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from random import Random

from data.bundled.items.answers import Number, mention
from data.bundled.items.item import Item

NUMBER = Number()
DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December",
)  # fmt: skip
WEEKDAY, MONTH = mention(*DAYS), mention(*MONTHS)
_NAMES = ("Tom", "Maria", "Ben", "Aisha", "Paul", "Lena", "Omar", "Ruth", "Ivan", "Mei", "Noah", "Sofia")
_THINGS = ("apples", "books", "stamps", "pencils", "marbles", "tickets", "eggs", "coins", "cards", "shells", "plates", "roses")
_FACTORS = (
    ("kilometres", "metres", 1000), ("metres", "centimetres", 100), ("centimetres", "millimetres", 10),
    ("kilograms", "grams", 1000), ("tonnes", "kilograms", 1000), ("litres", "millilitres", 1000), ("hours", "minutes", 60),
    ("minutes", "seconds", 60), ("days", "hours", 24), ("weeks", "days", 7), ("years", "months", 12), ("feet", "inches", 12),
    ("yards", "feet", 3), ("dozen", "pieces", 12), ("decades", "years", 10), ("centuries", "years", 100),
    ("gallons", "pints", 8), ("pounds", "ounces", 16), ("fortnights", "days", 14),
)  # fmt: skip
_Made = tuple[str, int]


def _plain(r: Random) -> _Made:
    a, b = r.randint(2, 99), r.randint(2, 99)
    small, factor = r.randint(2, 12), r.randint(2, 12)
    return r.choice([
        (f"What is {a} + {b}?", a + b), (f"What is {max(a, b)} - {min(a, b)}?", abs(a - b)), (f"What is {small} times {factor}?",
         small * factor),
        (f"Calculate {a} plus {b}.", a + b), (f"What is {small * factor} divided by {factor}?", small),
    ])  # fmt: skip


def _story(r: Random) -> _Made:
    name, other = r.sample(_NAMES, 2)
    thing, a, b, n = r.choice(_THINGS), r.randint(15, 60), r.randint(2, 14), r.randint(3, 9)
    return r.choice([
        (f"{name} has {a} {thing} and buys {b} more. How many {thing} does {name} have now?", a + b),
        (f"{name} has {a} {thing} and gives {b} to {other}. How many {thing} does {name} have left?", a - b),
        (f"There are {b} {thing} in each box. How many {thing} are in {n} boxes?", b * n),
        (f"{n} friends share {b * n} {thing} equally. How many {thing} does each friend get?", b),
        (f"{name} has {a} {thing}, which is {b} more than {other}. How many {thing} does {other} have?", a - b),
        (f"{name} reads {b} pages a day. How many pages does {name} read in {n} days?", b * n),
        (f"A ticket costs {b} dollars. {name} buys {n} tickets and pays with {b * n + n} dollars. How many dollars are given back?", n),
    ])  # fmt: skip


def _measure(r: Random) -> _Made:
    big, small, factor = r.choice(_FACTORS)
    count = r.randint(2, 30)
    forms = (
        (f"How many {small} are in {count} {big}?", count * factor), (f"Convert {count} {big} to {small}.", count * factor),
        (f"How many {big} are {count * factor} {small}?", count),
    )  # fmt: skip
    return r.choice(forms)


def arithmetic(random: Random, _part: str) -> Iterator[Item]:
    """Yield sums, half of them as a story."""
    makers: tuple[Callable[[Random], _Made], ...] = (_plain, _story)
    while True:
        prompt, answer = random.choice(makers)(random)
        yield Item("arithmetic", prompt, str(answer), scorer="number")


def measures(random: Random, _part: str) -> Iterator[Item]:
    """Yield conversions between units."""
    while True:
        prompt, answer = _measure(random)
        yield Item("measures", prompt, str(answer), scorer="number")


def calendar(random: Random, _part: str) -> Iterator[Item]:
    """Yield questions on weekdays and months."""
    while True:
        step, day, month = random.randint(1, 25), random.randrange(7), random.randrange(12)
        yield random.choice([
            Item("calendar", f"Today is {DAYS[day]}. Which day is it in {step + 1} days?", DAYS[(day + step + 1) % 7], scorer="weekday"),
            Item("calendar", f"Today is {DAYS[day]}. Which day was it {step + 1} days ago?", DAYS[(day - step - 1) % 7], scorer="weekday"),
            Item("calendar", f"Which month is {step + 1} months after {MONTHS[month]}?", MONTHS[(month + step + 1) % 12], scorer="month"),
            Item("calendar", f"The shop opens every {DAYS[day]}. It is the day after. Which day is it?", DAYS[(day + 1) % 7],
            scorer="weekday"),
        ])  # fmt: skip
