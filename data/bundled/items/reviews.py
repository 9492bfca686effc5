"""Short reviews put together from parts: clear ones, and mixed ones in which the last word decides."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random

from data.bundled.items.answers import mention
from data.bundled.items.item import Item

SENTIMENT = mention("positive", "negative")
_THINGS = {
    "hotel": (
        ("the bed was soft", "the view from the room was lovely", "breakfast was plentiful", "the staff went out of their way to help"),
        ("the room smelled of smoke", "the walls were so thin we could not sleep", "nobody answered at the desk", "the shower was cold"),
    ),
    "restaurant": (
        ("the soup was perfect", "the waiter was kind", "every dish came hot and fast", "dessert alone was worth the trip"),
        ("the fish was raw inside", "we waited an hour for two salads", "the bill was wrong twice", "the plates were dirty"),
    ),
    "phone": (
        ("the battery lasts two days", "the screen is bright and sharp", "it takes superb pictures", "setting it up took five minutes"),
        ("the battery dies by noon", "it freezes several times a day", "the camera is blurry", "it broke in the first week"),
    ),
    "film": (
        ("we laughed all evening", "the ending moved me to tears", "the actors were excellent", "I would watch it again tomorrow"),
        ("I fell asleep halfway", "the plot makes no sense", "the jokes fall flat", "it is an hour too long"),
    ),
    "book": (
        ("I could not put it down", "the characters feel alive", "every chapter taught me something", "my whole family enjoyed it"),
        ("I gave up after fifty pages", "it is full of mistakes", "nothing ever happens in it", "the print is too small to read"),
    ),
    "vacuum cleaner": (
        ("it is quiet and strong", "it picks up every hair", "it is light enough for my mother", "it still works like new after a year"),
        ("it lost its power within a month", "it is louder than a lorry", "the hose came off twice", "it leaves half the dust behind"),
    ),
    "tool set": (
        ("everything is solid and sharp", "it arrived a day early", "the handles feel good in the hand", "it made the work easy"),
        ("the handles snapped at once", "two pieces were missing", "it rusted after the first rain", "the seller refused a refund"),
    ),
    "language course": (
        ("the teacher explains everything with patience", "I can hold a conversation now", "the exercises are fun",
         "it is worth every cent"),
        ("the teacher never showed up", "it is the same lesson over and over", "I learned nothing", "they charged me twice"),
    ),
}  # fmt: skip
_WORDS = {
    "positive": ("wonderful", "great", "lovely", "excellent", "fantastic", "very good"),
    "negative": ("terrible", "bad", "awful", "disappointing", "poor", "horrible"),
}
_CLEAR = (
    "This {0} is {1}: {2}.", "The {0} was {1}. What is more, {2}.", "I bought it as a gift, and {2}. A {1} {0}.", "A {1} {0}, {2} and {3}.",
    "We tried this {0} last month: {2}, and {3}.",
)  # fmt: skip
_MIXED = ("I expected a {4} {0}, but {2}. In the end it was {1}.", "True, {5}, but {2} and {3}. A {1} {0}.")
_CLOSE = {
    "positive": ("", "I recommend it.", "Five stars.", "We will be back.", "I love it."),
    "negative": ("", "Never again.", "One star.", "Save your money.", "I want a refund."),
}


def sentiment(random: Random, _part: str) -> Iterator[Item]:
    """Yield whether a review is negative or positive; about one in four is mixed."""
    while True:
        label = random.choice(("positive", "negative"))
        prompt = f"Classify the sentiment of the review as negative or positive.\nReview: {_review(random, label)}\nSentiment:"
        yield Item("sentiment", prompt, label, scorer="sentiment")


def _review(r: Random, label: str) -> str:
    thing = r.choice(sorted(_THINGS))
    good, bad = _THINGS[thing]
    own, other, contrary = (good, bad, "negative") if label == "positive" else (bad, good, "positive")
    form = r.choice(_MIXED if r.random() < 0.25 else _CLEAR)
    text = form.format(thing, r.choice(_WORDS[label]), *r.sample(own, 2), r.choice(_WORDS[contrary]), r.choice(other))
    return f"{text.replace('A excellent', 'An excellent').replace('A awful', 'An awful')} {r.choice(_CLOSE[label])}".strip()
