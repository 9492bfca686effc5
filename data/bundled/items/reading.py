"""A few short sentences about one or two people and a question on one of the facts."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random

from data.bundled.items.answers import mention
from data.bundled.items.item import Item

_PEOPLE = (
    "Ana",
    "Ben",
    "Carla",
    "David",
    "Eva",
    "Felix",
    "Grace",
    "Hugo",
    "Irene",
    "Jonas",
    "Kira",
    "Leon",
    "Mona",
    "Nils",
    "Olga",
    "Peter",
)
_CITIES = (
    "Oslo",
    "Porto",
    "Lima",
    "Cairo",
    "Kyoto",
    "Boston",
    "Milan",
    "Dublin",
    "Vienna",
    "Sydney",
    "Nairobi",
    "Toronto",
    "Madrid",
    "Prague",
)
_JOBS = ("nurse", "cook", "baker", "teacher", "pilot", "farmer", "lawyer", "painter", "driver", "singer", "gardener", "plumber")
_OBJECTS = ("lamp", "chair", "carpet", "guitar", "camera", "jacket", "clock", "mirror", "kettle", "ladder", "tent", "piano")
_COLOURS = ("red", "blue", "green", "yellow", "black", "white", "purple", "orange", "brown", "grey")
_PETS = ("dog", "cat", "parrot", "rabbit", "hamster", "goldfish", "turtle", "pony")
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
SCORERS = {
    "person": mention(*_PEOPLE), "city": mention(*_CITIES), "job": mention(*_JOBS), "object": mention(*_OBJECTS),
    "colour": mention(*_COLOURS, gray="grey"), "pet": mention(*_PETS),
}  # fmt: skip


def reading(random: Random, _part: str) -> Iterator[Item]:
    """Yield a text, a question and the word that answers it; one text in four speaks of two people."""
    while True:
        yield (_two if random.random() < 0.25 else _one)(random)


def _item(text: str, question: str, answer: str, kind: str) -> Item:
    return Item("reading", f"{text}\n{question}", answer, scorer=kind)


def _one(r: Random) -> Item:
    name, city, job, pet = r.choice(_PEOPLE), r.choice(_CITIES), r.choice(_JOBS), r.choice(_PETS)
    thing, colour, day = r.choice(_OBJECTS), r.choice(_COLOURS), r.choice(_DAYS)
    text = r.choice([
        f"{name} is a {job} and lives in {city}. On {day} {name} bought a {colour} {thing}.",
        f"{name} works as a {job} in {city}. {name} has a {pet} and a {colour} {thing}.",
        f"{name} moved to {city} and found work as a {job}. On {day} {name} bought a {thing} for the {pet}.",
    ])  # fmt: skip
    asked = [(f"What does {name} work as?", job, "job"), (f"Which city is {name} in?", city, "city")]
    if "bought" in text:
        asked += [(f"What did {name} buy?", thing, "object"), (f"On which day did {name} buy the {thing}?", day, "weekday")]
    if pet in text:
        asked.append((f"Which pet does {name} have?", pet, "pet"))
    if colour in text:
        asked.append((f"What colour is the {thing}?", colour, "colour"))
    return _item(text, *r.choice(asked))


def _two(r: Random) -> Item:
    (a, b), (one, two), (here, there), (x, y) = r.sample(_PEOPLE, 2), r.sample(_OBJECTS, 2), r.sample(_CITIES, 2), r.sample(_JOBS, 2)
    text = r.choice([
        f"{a} bought a {one} in {here}. {b} went to {there} and bought a {two}.",
        f"{a} lives in {here} and bought a {one}. {b} lives in {there} and bought a {two}.",
    ])  # fmt: skip
    if r.random() < 0.3:
        return _item(f"{a} works as a {x}. {b} works as a {y}.", f"What does {b} work as?", y, "job")
    asked = [(f"What did {a} buy?", one, "object"), (f"What did {b} buy?", two, "object"), (f"Who bought the {two}?", b, "person")]
    return _item(text, *r.choice(asked))
