"""Short messages, spam or not; some wanted ones sound like spam and some spam sounds like a friend."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random

from data.bundled.items.answers import Mention
from data.bundled.items.item import Item

SPAM = Mention({"not spam": "normal", "non-spam": "normal", "no spam": "normal", "normal": "normal", "spam": "spam"})
_SPAM_PARTS = (
    ("Congratulations!", "Dear customer,", "URGENT:", "Last chance!", "Hi friend,", "Final notice:",
     "You have been chosen!", "Hello dear,"),
    ("you have won a {0} in our draw", "your account will be closed today", "lose ten kilos in a week without effort",
     "get a {0} for free", "your parcel with a {0} is waiting", "earn 500 dollars a day from home", "a rich relative left you his money",
     "cheap pills without a prescription"),
    ("Click the link to claim it.", "Send us your bank details.", "Reply with your password to confirm.", "Offer ends at midnight!",
     "Pay the small fee now.", "Call this number at once."),
)  # fmt: skip
_NORMAL_PARTS = (
    ("Hi mum,", "Hello Mr Brown,", "Hey,", "Dear team,", "Good morning,", "Hi Lisa,", "Sorry,", "Quick question:"),
    ("I'll be home at {1}", "the meeting is moved to {1}", "could you send me the notes from Monday",
     "I won the chess club's {0}, can you believe it", "shall I bring a {0} to the party", "the doctor can see you at {1}",
     "I left my {0} at your place", "your {0} is ready to be picked up"),
    ("See you soon.", "Thanks!", "Let me know.", "Please confirm.", "Call me when you can.", "No hurry."),
)  # fmt: skip
_THINGS = ("phone", "camera", "bicycle", "cake", "voucher", "tablet", "jacket", "watch", "prize", "lamp")
_TIMES = ("six", "nine", "noon", "half past four", "ten", "three")
_ASKED = "Classify the message as spam or normal.\nMessage: {0}\nLabel:"


def spam(random: Random, _part: str) -> Iterator[Item]:
    """Yield whether a message is spam."""
    while True:
        label = random.choice(("spam", "normal"))
        parts = _SPAM_PARTS if label == "spam" else _NORMAL_PARTS
        words = [random.choice(column) for column in parts]
        text = f"{words[0]} {words[1].format(random.choice(_THINGS), random.choice(_TIMES))}. {words[2]}"
        yield Item("spam", _ASKED.format(text), label, scorer="spam")
