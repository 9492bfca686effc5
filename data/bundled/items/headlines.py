"""Newspaper headlines put together from parts, in four sections."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random

from data.bundled.items.answers import Mention
from data.bundled.items.item import Item

TOPIC = Mention({
    "sports": "sports", "sport": "sports", "business": "business", "economy": "business", "finance": "business",
    "science": "science", "scientific": "science", "politics": "politics", "political": "politics",
})  # fmt: skip
_PARTS = {
    "sports": (
        ("Striker", "Young swimmer", "Home side", "Champion", "Goalkeeper", "Cyclist", "Tennis veteran", "National team", "Coach",
         "Marathon runner"),
        ("wins the final", "breaks a record", "loses in the last minute", "misses the season with a knee injury", "signs for a rival club",
         "takes gold", "is sent off", "returns after a long break", "draws against the leaders", "retires from racing"),
        ("in Rome", "before a full stadium", "after extra time", "for the third time", "despite the rain", "in front of home fans"),
    ),
    "business": (
        ("Central bank", "Carmaker", "Airline", "Supermarket chain", "Oil company", "Start-up", "Shipping group", "Insurer",
         "Chip maker", "Retailer"),
        ("raises prices", "cuts a thousand jobs", "reports record profit", "warns of lower sales", "buys a smaller rival", "goes public",
         "raises interest rates", "files for bankruptcy", "opens a factory", "sees its shares fall"),
        ("this quarter", "as demand slows", "to calm investors", "after a weak year", "in a billion-dollar deal", "amid rising costs"),
    ),
    "science": (
        ("Telescope", "Researchers", "Biologists", "Space probe", "Physicists", "Laboratory team", "New study", "Marine expedition",
         "Geneticists", "Satellite"),
        ("finds water on a distant planet", "measures a new particle", "maps the genome of a fish", "explains how birds navigate",
         "discovers a fossil", "tests a vaccine in mice", "detects ripples in space", "photographs a black hole",
         "traces the age of a star",
         "shows how cells repair themselves"),
        ("for the first time", "after ten years of work", "with a new method", "in the deep sea", "near Jupiter", "in an early trial"),
    ),
    "politics": (
        ("Parliament", "Minister", "Opposition leader", "President", "Mayor", "Senate", "Governor", "Coalition", "Prime minister",
         "Party congress"),
        ("votes on a new election law", "resigns over a scandal", "calls for early elections", "rejects the treaty",
         "signs a border agreement",
         "promises lower taxes", "survives a confidence vote", "debates the budget", "names a new cabinet", "meets foreign leaders"),
        ("after long talks", "despite protests", "ahead of the election", "in a late session", "under pressure from voters",
         "by a narrow majority"),
    ),
}  # fmt: skip
_ASKED = "Classify the headline as business, politics, science or sports.\nHeadline: {0}\nTopic:"


def topics(random: Random, _part: str) -> Iterator[Item]:
    """Yield which section of a newspaper a headline belongs to."""
    while True:
        label = random.choice(sorted(_PARTS))
        subjects, events, ends = _PARTS[label]
        words = [random.choice(subjects), random.choice(events)] + ([random.choice(ends)] if random.random() < 0.7 else [])
        yield Item("topic", _ASKED.format(" ".join(words)), label, scorer="topic")
