"""Opposites and plurals."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random

from data.bundled.items.answers import Phrase
from data.bundled.items.item import Item

FORM = Phrase()
_OPPOSITES = """hot:cold early:late strong:weak rich:poor light:dark big:small tall:short fast:slow hard:soft wet:dry good:bad
happy:sad open:closed clean:dirty loud:quiet thick:thin heavy:light deep:shallow high:low near:far full:empty first:last
true:false right:wrong cheap:expensive easy:difficult brave:cowardly sharp:blunt sweet:sour young:old new:old wide:narrow
smooth:rough safe:dangerous rare:common alive:dead asleep:awake front:back inside:outside up:down left:right
win:lose buy:sell push:pull begin:end give:take love:hate remember:forget arrive:leave question:answer
friend:enemy success:failure day:night north:south east:west maximum:minimum increase:decrease summer:winter
always:never before:after above:below more:less black:white polite:rude"""
_IRREGULAR = """child:children mouse:mice foot:feet tooth:teeth man:men woman:women goose:geese person:people knife:knives
leaf:leaves wolf:wolves life:lives shelf:shelves half:halves loaf:loaves thief:thieves calf:calves ox:oxen sheep:sheep
fish:fish deer:deer potato:potatoes tomato:tomatoes hero:heroes"""
_REGULAR = """cat dog car book table house tree river garden window door letter number friend teacher student doctor farmer
city baby lady party story country family army berry fly cherry puppy box bus glass church dish brush fox class watch peach
bench match lunch dress boy key rose stone plate knee road chair shirt song film phone engine cow duck spider snake
lemon onion cucumber daisy ferry lorry penny body copy duty enemy fairy hobby jelly library memory party penny pony study
patch sandwich witch inch beach coach boss cross loss kiss crash wish flash toy day monkey valley apple orange banana carrot pencil
computer hammer bottle mountain
island lake cloud flower bird horse chicken spoon bicycle train ship plane bridge street"""


def _plural(word: str) -> str:
    if word.endswith("y") and word[-2] not in "aeiou":
        return word[:-1] + "ies"
    return word + ("es" if word.endswith(("s", "x", "ch", "sh")) else "s")


PLURALS = {**{word: _plural(word) for word in _REGULAR.split()}, **dict(pair.split(":") for pair in _IRREGULAR.split())}
OPPOSITES = dict(pair.split(":") for pair in _OPPOSITES.split())
_TWICE = frozenset(answer for answer in OPPOSITES.values() if answer in OPPOSITES or list(OPPOSITES.values()).count(answer) > 1)


def words(random: Random, part: str) -> Iterator[Item]:
    """Yield what the plural, or the opposite, of a word is; every eighth word is kept for training."""
    asked = [(f'What is the plural of "{word}"?', answer) for word, answer in sorted(PLURALS.items())]
    asked += [(f'What is the opposite of "{word}"?', answer) for word, answer in sorted(OPPOSITES.items())]
    asked += [(f'What is the opposite of "{answer}"?', word) for word, answer in sorted(OPPOSITES.items()) if answer not in _TWICE]
    kept = [pair for i, pair in enumerate(asked) if (i % 8 == 0) == (part == "training")]
    random.shuffle(kept)
    for prompt, answer in kept:
        yield Item("word forms", prompt, answer, scorer="word form")
