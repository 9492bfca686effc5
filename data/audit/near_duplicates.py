"""Prompts that ask the same thing in nearly the same words."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import cached_property, lru_cache
from typing import TypeAlias
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from data.audit.base import Check, Finding
from data.audit.evidence import counted
from data.outcomes import OutcomeTable
from data.queries import QuerySet, normalised
from data.splits import assigned, shuffled

PROMPTS_MOST = 100_000
_CHARACTERS = 50_000_000  # of all prompts together; longer ones are looked at from both ends
_PAIRS_MOST = 100_000
_CHUNK = 5_000
_AT_MOST = 0.1  # of a prompt's own words may be on one side only
_TYPO = 0.25  # how much of a word a slip of the pen counts
_OVERLAP = 0.25  # of the runs of three words of the longer text
_UNLIKE_MOST = 500  # words between the shared ends: aligning takes time with their square
_SHORT_REFERENCE = 40
_TEST = 2
_Ints: TypeAlias = NDArray[np.int64]
_FOUND: WeakKeyDictionary[QuerySet, list[NDArray[np.int64]]] = WeakKeyDictionary()

# A word or number; one character of a script without spaces; a sign of a formula, not a hyphen.
_TOKEN = re.compile(r"[぀-ヿ㐀-鿿가-힣]|[^\W_぀-ヿ㐀-鿿가-힣]+|[+*/=<>^%$€£&|~\\()\[\]{}−]|(?<![^\W\d_])-|-(?![^\W\d_])")
_LIGHT = frozenset(("a", "an", "the", "is", "are", "was", "were", "s", "please", "that", "which", "this", "these", "those", "following"))
# Words that turn a question into another one.
_GRAVE = frozenset(
    ("no", "not", "nor", "never", "none", "neither", "without", "except", "true", "false", "correct", "incorrect", "right", "wrong", "left",
     "most", "least", "more", "less", "fewer", "all", "any", "some", "only", "every", "before", "after", "above", "below", "under", "over",
     "up", "down", "minus", "plus", "per", "half", "twice", "double", "dozen", "zero", "one", "two", "three", "four", "five", "six",
     "seven", "eight", "nine", "ten", "hundred", "thousand", "million", "first", "second", "third", "fourth", "last", "next", "previous")
)  # fmt: skip


class NearDuplicates(Check):
    """The same question with another comma, a typo or a word more: on two sides of a split it is known before the test.

    Two prompts are called nearly equal if they differ in punctuation, in words without weight ("the", "please"), in slips of the pen
    (one letter, a word that occurs nowhere else), or in words that only one of them has, up to a tenth of its own words. Words that
    most prompts of the set share (a template, a rule book) are nobody's own. Any other number, sign, negation, symbol or word in the
    place of another makes another question, and so do two different short references.

    Scaling: at most `PROMPTS_MOST` distinct prompts (a fixed draw of them beyond that) and 50,000,000 characters are looked at. Pairs come
    from runs of three words that both have, each run joined to its next two, so time and memory grow with the text and not with its
    square; at most 100,000 pairs are compared word by word. 14,000 prompts of 90 words took 1.7 s, 100,000 took 13 s and 1.5 GB of memory,
    on one core.
    """

    id = "near_duplicates"

    def find(self, table: OutcomeTable) -> Iterator[Finding]:
        """Yield the rows of all prompts that are nearly, not exactly, equal to another one."""
        clusters = _clusters(table.queries)
        if not clusters:
            return
        tested, words = _astride(table, clusters)
        drawn = len(np.unique(table.queries.groups)) > PROMPTS_MOST
        yield Finding(
            id=self.id,
            severity="warning" if tested > 0.01 else "info",
            title="Nearly equal prompts",
            rows=np.sort(np.concatenate(clusters)),
            models=(),
            meaning=(
                f"{sum(map(len, clusters)):,} rows ask {counted(len(clusters), 'question')} in slightly different words; "
                f"each counts as often as it is asked.{words}"
                + (f" A draw of {PROMPTS_MOST:,} prompts was looked at, so there are more." if drawn else "")
            ),
            choices={
                "repair": "keep the first row of each question",
                "exclude": "leave out all rows of these questions",
                "keep": "count each of them",
            },
        )

    def repair(self, table: OutcomeTable, finding: Finding) -> OutcomeTable:
        """Return the table with the first row of each group of nearly equal prompts."""
        later = [rows[1:] for rows in _clusters(table.queries)]
        again = np.intersect1d(np.concatenate(later), finding.rows) if later else np.array([], dtype=np.int64)
        return table.take(np.setdiff1d(np.arange(len(table)), again))


def _astride(table: OutcomeTable, clusters: list[_Ints]) -> tuple[float, str]:
    """Return the share of the test queries that were seen nearly word for word while fitting, and what it does, in words."""
    if table.role != "all":
        return 0.0, ""
    part = assigned(table, seed=0)
    astride = [part[rows] == _TEST for rows in clusters if len(np.unique(part[rows] == _TEST)) > 1]
    seen, tests = sum(int(mine.sum()) for mine in astride), int((part == _TEST).sum())
    if not astride:
        return 0.0, " None is on two sides of the split (seed 0)."
    return seen / tests, (
        f" {counted(len(astride), 'question')} on both sides of the split (seed 0): "
        f"{seen:,} of {counted(tests, 'test query', 'test queries')} seen nearly word for word while fitting, which flatters test figures."
    )


def _clusters(queries: QuerySet) -> list[_Ints]:
    """Return the rows of each group of nearly equal prompts, sorted; remembered as long as the queries are."""
    if queries not in _FOUND:
        _FOUND[queries] = _searched(queries)
    return _FOUND[queries]


def _searched(queries: QuerySet) -> list[_Ints]:
    """Return the rows of each group of nearly equal prompts; exact repeats of a member belong to it."""
    if queries.prompts is None:
        return []
    groups = queries.groups
    keys, first = np.unique(groups, return_index=True)
    looked = first if len(first) <= PROMPTS_MOST else first[np.argsort(shuffled(keys, 0))[:PROMPTS_MOST]]
    texts = queries.prompts.take(looked).filled()
    known = np.array([bool(text.strip()) for text in texts], dtype=np.bool_)
    looked = np.sort(looked[known])
    if len(looked) < 2:
        return []
    links = _Corpus(queries, looked).links()
    if not len(links):
        return []
    label = _joined(links, len(looked))
    member = np.full(len(keys), -1, dtype=np.int64)
    member[np.searchsorted(keys, groups[looked])] = label
    of_row = member[np.searchsorted(keys, groups)]
    wanted = np.unique(label[links[:, 0]])
    order = np.argsort(of_row, kind="stable")
    low, high = (np.searchsorted(of_row[order], wanted, side=side) for side in ("left", "right"))
    return sorted((order[a:b] for a, b in zip(low, high, strict=True)), key=lambda rows: int(rows[0]))


@dataclass(frozen=True, eq=False)
class _Corpus:
    """The distinct prompts at `rows`, (n,), as words."""

    queries: QuerySet
    rows: _Ints

    def __len__(self) -> int:
        return len(self.rows)

    @cached_property
    def texts(self) -> list[str]:
        prompts = self.queries.prompts
        most = max(400, min(8_000, _CHARACTERS // len(self)))
        return [_ends(normalised(text), most) for text in (prompts.take(self.rows).filled() if prompts is not None else ())]

    @cached_property
    def references(self) -> list[str]:
        """One short reference a prompt, "" where there is none to compare."""
        references = self.queries.references
        if references is None:
            return [""] * len(self)
        return [text if len(text) <= _SHORT_REFERENCE else "" for text in map(normalised, references.take(self.rows).filled())]

    @cached_property
    def flat(self) -> tuple[NDArray[np.uint64], _Ints]:
        """All words, hashed, of all texts, and whose they are; a text of fewer than three is filled up with zeros."""
        from pandas.util import hash_array

        hashes, owners = [], []
        for start in range(0, len(self), _CHUNK):
            words = [_TOKEN.findall(text) for text in self.texts[start : start + _CHUNK]]
            lengths = np.array([len(each) for each in words], dtype=np.int64)
            hashed = hash_array(np.array([word for each in words for word in each] or [""], dtype=object), categorize=True)
            padded = np.maximum(lengths, 3)
            out = np.zeros(int(padded.sum()), dtype=np.uint64)
            own = np.arange(int(padded.sum())) - np.repeat(np.cumsum(padded) - padded, padded) < np.repeat(lengths, padded)
            out[own] = hashed[: int(lengths.sum())]
            hashes.append(out)
            owners.append(np.repeat(np.arange(start, start + len(words)), padded))
        return np.concatenate(hashes), np.concatenate(owners)

    @cached_property
    def shingles(self) -> tuple[NDArray[np.uint64], _Ints, _Ints]:
        """Each run of three words once a text, sorted: its hash, its text, and how many texts have it."""
        words, owner = self.flat
        at = np.flatnonzero(owner[:-2] == owner[2:])
        key, whose = _mixed(words, at), owner[at]
        order = np.argsort(key, kind="stable")
        key, whose = key[order], whose[order]
        once = np.concatenate([[True], (key[1:] != key[:-1]) | (whose[1:] != whose[:-1])])
        key, whose = key[once], whose[once]
        starts = np.flatnonzero(np.concatenate([[True], key[1:] != key[:-1]]))
        sizes = np.diff(np.concatenate([starts, [len(key)]]))
        return key, whose, np.repeat(sizes, sizes)

    @cached_property
    def common(self) -> int:
        """In how many texts a run of words has to be to be a template's."""
        return max(10, len(self) // 10)

    @cached_property
    def weighty(self) -> NDArray[np.bool_]:
        """Which of all words have weight."""
        from pandas.util import hash_array

        light = hash_array(np.array(sorted(_LIGHT), dtype=object))
        return ~np.isin(self.flat[0], np.append(light, np.uint64(0)))

    @cached_property
    def own(self) -> _Ints:
        """(n,) how many words with weight of a text are in no template."""
        words, owner = self.flat
        key, _, size = self.shingles
        shared = np.unique(key[size > self.common])
        at = np.flatnonzero(owner[:-2] == owner[2:])
        rare = at[~np.isin(_mixed(words, at), shared)]
        mine = np.zeros(len(words), dtype=np.bool_)
        for step in range(3):
            mine[rare + step] = True
        return np.bincount(owner[mine & self.weighty], minlength=len(self))

    def candidates(self) -> _Ints:
        """Return (k, 2) pairs of texts with the same words of weight, or enough shared runs of words; those that share most first."""
        key, whose, size = self.shingles
        rare = size <= self.common
        owned = np.bincount(whose[rare], minlength=len(self))
        keys = []
        for step in (1, 2):
            both = np.flatnonzero((key[:-step] == key[step:]) & rare[:-step])
            keys.append(whose[both] * len(self) + whose[both + step])
        pair, shared = np.unique(np.concatenate(keys), return_counts=True)
        a, b = np.divmod(pair, len(self))
        share = shared / np.maximum(1, np.maximum(owned[a], owned[b]))
        best = np.flatnonzero(share >= _OVERLAP)
        best = best[np.argsort(-share[best], kind="stable")[:_PAIRS_MOST]]
        return np.unique(np.concatenate([self._alike(), np.stack([a[best], b[best]], axis=1)]), axis=0)

    def _alike(self) -> _Ints:
        """Return (k, 2) pairs of texts that consist of the same words of weight in the same order: templates have no runs of their own."""
        words, owner = self.flat
        words, owner = words[self.weighty], owner[self.weighty]
        ends = np.searchsorted(owner, np.arange(len(self) + 1))
        place = np.arange(len(words)) - np.repeat(ends[:-1], np.diff(ends))
        with np.errstate(over="ignore"):
            sums = np.concatenate([np.zeros(1, np.uint64), np.cumsum(shuffled(words ^ shuffled(place.astype(np.uint64), 1), 2))])
            whole = sums[ends[1:]] - sums[ends[:-1]]
        order = np.argsort(whole, kind="stable")
        same = np.flatnonzero((whole[order[1:]] == whole[order[:-1]]) & (np.diff(ends)[order[1:]] > 0))
        return np.stack([order[same], order[same + 1]], axis=1)

    def links(self) -> _Ints:
        """Return (k, 2) the pairs of texts that ask the same."""
        words = lru_cache(maxsize=2_000)(self._words)
        same = [
            (a, b)
            for a, b in self.candidates().tolist()
            if not (self.references[a] and self.references[b] and self.references[a] != self.references[b])
            and self._equal(words(a), words(b), min(int(self.own[a]), int(self.own[b])))
        ]
        return np.array(same, dtype=np.int64).reshape(-1, 2)

    def _words(self, i: int) -> tuple[str, ...]:
        """Return all words of a text, also those of its middle that `texts` leaves out."""
        prompts = self.queries.prompts
        return tuple(_TOKEN.findall(normalised((prompts[int(self.rows[i])] or "") if prompts is not None else "")))

    def _equal(self, mine: Sequence[str], theirs: Sequence[str], own: int) -> bool:
        """Whether two texts ask the same: cheap bounds on the words first, then an alignment."""
        here, there = Counter(mine), Counter(theirs)
        apart = ((here - there), (there - here))
        if any(_grave(word) for side in apart for word in side):
            return False
        most = max(sum(count for word, count in side.items() if word not in _LIGHT) for side in apart)
        if most * _TYPO > _AT_MOST * own:
            return False
        return _difference(mine, theirs, self._slip) <= _AT_MOST * own

    def _slip(self, mine: str, theirs: str) -> bool:
        """Whether one word is the other one misspelt: a letter apart, and one of them nowhere else in the set (or a plural)."""
        if mine[:1] != theirs[:1] or max(len(mine), len(theirs)) < 6 or not _one_apart(mine, theirs):
            return False
        return mine + "s" == theirs or theirs + "s" == mine or min(self._used(mine), self._used(theirs)) <= 1

    def _used(self, word: str) -> int:
        from pandas.util import hash_array

        words, owner = self.flat
        return len(np.unique(owner[words == hash_array(np.array([word], dtype=object))[0]]))


def _ends(text: str, most: int) -> str:
    """Return a text, or the two ends of a long one: what differs in a template is rarely in its middle."""
    return text if len(text) <= most else f"{text[: most // 2]} {text[-most // 2 :]}"


def _mixed(words: NDArray[np.uint64], at: _Ints) -> NDArray[np.uint64]:
    """Return a hash of the three words from each position; order matters."""
    with np.errstate(over="ignore"):
        key = words[at] * np.uint64(0x9E3779B97F4A7C15)
        key = (key ^ (key >> np.uint64(29))) + words[at + 1] * np.uint64(0xBF58476D1CE4E5B9)
        key = (key ^ (key >> np.uint64(31))) + words[at + 2] * np.uint64(0x94D049BB133111EB)
    return np.asarray(key ^ (key >> np.uint64(30)), dtype=np.uint64)


def _grave(word: str) -> bool:
    return word not in _LIGHT and (len(word) == 1 or word in _GRAVE or any(sign.isdigit() for sign in word))


def _difference(mine: Sequence[str], theirs: Sequence[str], slip: Callable[[str, str], bool]) -> float:
    """Return how many words with weight only one text has; infinite where each has some ("series" for "in parallel", or one moved)."""
    mine, theirs = _unlike(mine, theirs)
    if max(len(mine), len(theirs)) > _UNLIKE_MOST:
        return float("inf")
    gone = come = slips = 0
    for what, a, b, c, d in SequenceMatcher(None, mine, theirs, autojunk=False).get_opcodes():
        here = [word for word in mine[a:b] if word not in _LIGHT]
        there = [word for word in theirs[c:d] if word not in _LIGHT]
        if what == "equal" or not (here or there):
            continue
        if len(here) == len(there) and all(map(slip, here, there)):
            slips += len(here)
        else:
            gone, come = gone + len(here), come + len(there)
    return float("inf") if gone and come else gone + come + _TYPO * slips


def _unlike(mine: Sequence[str], theirs: Sequence[str]) -> tuple[Sequence[str], Sequence[str]]:
    """Return two texts without the words at both ends that they share."""
    most = min(len(mine), len(theirs))
    start = next((i for i in range(most) if mine[i] != theirs[i]), most)
    end = next((i for i in range(most - start) if mine[-1 - i] != theirs[-1 - i]), most - start)
    return mine[start : len(mine) - end], theirs[start : len(theirs) - end]


def _one_apart(mine: str, theirs: str) -> bool:
    """Whether two different words are one letter put in, left out, changed, or one swap of neighbours apart."""
    start = next((i for i, (a, b) in enumerate(zip(mine, theirs, strict=False)) if a != b), min(len(mine), len(theirs)))
    a, b = mine[start:], theirs[start:]
    return a[1:] == b or a == b[1:] or a[1:] == b[1:] or (a[:2] == b[1::-1] and a[2:] == b[2:] and len(a) > 1)


def _joined(links: _Ints, count: int) -> _Ints:
    """Return (count,) the least member of the group to which each text is linked."""
    root = list(range(count))

    def find(i: int) -> int:
        while root[i] != i:
            root[i] = root[root[i]]
            i = root[i]
        return i

    for a, b in links.tolist():
        low, high = sorted((find(a), find(b)))
        root[high] = low
    return np.array([find(i) for i in range(count)], dtype=np.int64)
