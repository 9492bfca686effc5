"""Where a city is, on which continent a country lies, and the symbols of the elements."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random

from data.bundled.items.answers import Mention, Symbol
from data.bundled.items.countries import CITIES, CONTINENT, COUNTRY_WORDS, spoken
from data.bundled.items.item import Item

COUNTRIES = Mention(COUNTRY_WORDS)
CONTINENTS = Mention(
    {
        **{name: name for name in set(CONTINENT.values())},
        "European": "Europe",
        "Asian": "Asia",
        "African": "Africa",
        "Australia": "Oceania",
        "South Pacific": "Oceania",
        "Central America": "North America",
        "Caribbean": "North America",
        "Middle East": "Asia",
        "Arabian Peninsula": "Asia",
        "North American": "North America",
        "South American": "South America",
    }
)
_ELEMENTS = """hydrogen:H helium:He lithium:Li beryllium:Be boron:B carbon:C nitrogen:N oxygen:O fluorine:F neon:Ne sodium:Na
magnesium:Mg aluminium:Al silicon:Si phosphorus:P sulfur:S chlorine:Cl argon:Ar potassium:K calcium:Ca scandium:Sc titanium:Ti
vanadium:V chromium:Cr manganese:Mn iron:Fe cobalt:Co nickel:Ni copper:Cu zinc:Zn gallium:Ga germanium:Ge arsenic:As selenium:Se
bromine:Br krypton:Kr rubidium:Rb strontium:Sr yttrium:Y zirconium:Zr niobium:Nb molybdenum:Mo ruthenium:Ru rhodium:Rh
palladium:Pd silver:Ag cadmium:Cd indium:In tin:Sn antimony:Sb tellurium:Te iodine:I xenon:Xe caesium:Cs barium:Ba lanthanum:La
cerium:Ce neodymium:Nd samarium:Sm europium:Eu gadolinium:Gd terbium:Tb dysprosium:Dy holmium:Ho erbium:Er thulium:Tm ytterbium:Yb
lutetium:Lu hafnium:Hf tantalum:Ta tungsten:W rhenium:Re osmium:Os iridium:Ir platinum:Pt gold:Au mercury:Hg thallium:Tl lead:Pb
bismuth:Bi polonium:Po astatine:At radon:Rn francium:Fr radium:Ra actinium:Ac thorium:Th uranium:U neptunium:Np plutonium:Pu"""
SYMBOLS = dict(pair.split(":") for pair in _ELEMENTS.split())
SYMBOL = Symbol(frozenset(SYMBOLS.values()))


def places(random: Random, part: str) -> Iterator[Item]:
    """Yield in which country a city is; every fourth city is kept for training."""
    yield from _asked(random, part, "place", CITIES, ("Which country is {0} in?", "What country is {0} in?"), every=4)


def continents(random: Random, part: str) -> Iterator[Item]:
    """Yield on which continent a country lies; every third country is kept for training."""
    asked = ("Which continent is {0} in?", "On which continent is {0} located?")
    yield from _asked(random, part, "continent", CONTINENT, asked, every=3)


def symbols(random: Random, part: str) -> Iterator[Item]:
    """Yield the symbol of an element; every eighth element is kept for training."""
    asked = ("What is the chemical symbol for {0}?", "What is the chemical symbol of {0}?")
    yield from _asked(random, part, "symbol", SYMBOLS, asked, every=8)


def _asked(random: Random, part: str, task: str, answers: dict[str, str], forms: tuple[str, ...], *, every: int) -> Iterator[Item]:
    names = [name for i, name in enumerate(sorted(answers)) if (i % every == 0) == (part == "training")]
    pairs = [(name, form) for name in names for form in forms]
    random.shuffle(pairs)
    for name, form in pairs:
        yield Item(task, form.format(spoken(name)), answers[name], scorer=task)
