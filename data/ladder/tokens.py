"""Text to tokens and back: known words whole, other words and quoted strings by letter, digit runs lowest digit first."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Sequence
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

END, THINK, DIRECT, SO, UNKNOWN = "<end>", "<think>", "<direct>", "<so>", "<?>"
SPECIAL = (END, THINK, DIRECT, SO, UNKNOWN)
PLACES = 32
_SPACE = "_"
_SIGNS = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ" + "\".,:;?!()+-*=<>|/'%$&"
_PARTS = re.compile(r"( ?)([A-Za-z]+(?:'[a-z]+)?|\d+|[^\sA-Za-z\d])")


@lru_cache(maxsize=1)
def tokenizer() -> Tokenizer:
    """Return the tokenizer of the ladder, its words from words.json."""
    return Tokenizer(json.loads(Path(__file__).with_name("words.json").read_text(encoding="utf-8")))


class Tokenizer:
    """A fixed vocabulary: special tokens, every sign with and without a space before it, and words (with one).

    Digit runs are stored lowest digit first, so that a carry is known before it is needed; texts stay as people write them.
    """

    def __init__(self, words: Sequence[str]) -> None:
        signs = [space + sign for sign in _SIGNS for space in ("", _SPACE)]
        self.tokens = (*SPECIAL, *signs, *(_SPACE + word for word in words))
        self._index = {token: i for i, token in enumerate(self.tokens)}
        self._words = frozenset(words)
        self.end, self.think, self.direct, self.so, self.unknown = (self._index[name] for name in SPECIAL)
        plain = [token not in SPECIAL and len(token.removeprefix(_SPACE)) == 1 and token[-1].isalnum() for token in self.tokens]
        spaced = np.array([token.startswith(_SPACE) for token in self.tokens])
        self._runs: NDArray[np.bool_] = np.array(plain)
        self._continues: NDArray[np.bool_] = self._runs & ~spaced

    def __len__(self) -> int:
        return len(self.tokens)

    @property
    def fingerprint(self) -> str:
        """A hash of the vocabulary in its order; weights name the one that they were trained with."""
        return hashlib.blake2b("\n".join(self.tokens).encode(), digest_size=8).hexdigest()

    def text(self, token: int) -> str:
        """Return one token as people would see it, its space before it."""
        name = self.tokens[token]
        return name if name in SPECIAL else name.replace(_SPACE, " ", 1)

    def encode(self, text: str) -> list[int]:
        """Return the tokens of a text, a space put before its start; signs that nobody has taught become `<?>`."""
        out: list[int] = []
        for space, part in _PARTS.findall(" " + " ".join(text.split())):
            if space and part in self._words:
                out.append(self._index[_SPACE + part])
                continue
            signs = part[::-1] if part.isdigit() else part
            for i, sign in enumerate(signs):
                out.append(self._index.get((_SPACE if space and i == 0 else "") + sign, self.unknown))
        return out

    def decode(self, tokens: Iterable[int]) -> str:
        """Return the text of tokens, without the space before its start; special tokens are left out."""
        decoding = Decoding(self)
        return ("".join([decoding.add(token) for token in tokens]) + decoding.rest()).strip()

    def places(self, tokens: Sequence[int]) -> NDArray[np.int64]:
        """Return the index of each token within its run of digits or letters, 0 for any other token."""
        out = np.zeros(len(tokens), np.int64)
        for i in range(1, len(tokens)):
            if self._continues[tokens[i]] and self._runs[tokens[i - 1]]:
                out[i] = min(out[i - 1] + 1, PLACES - 1)
        return out

    def next_places(self, tokens: NDArray[np.int64], before: NDArray[np.int64], places: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return (B,) the places of one further token a row, from the (B,) tokens before them and those tokens' places."""
        return np.where(self._continues[tokens] & self._runs[before], np.minimum(places + 1, PLACES - 1), 0)


class Decoding:
    """Tokens to text as they come: digits wait until their number is complete, for they come lowest first."""

    def __init__(self, words: Tokenizer) -> None:
        self._tokens, self._waiting = words.tokens, ""

    def add(self, token: int) -> str:
        """Return the text that is settled by one further token; special tokens have none."""
        name = self._tokens[token]
        if name in SPECIAL:
            return self.rest()
        spaced, sign = name.startswith(_SPACE), name.removeprefix(_SPACE)
        if sign.isdigit():
            if not spaced:
                self._waiting = sign + self._waiting.lstrip() if self._waiting else sign
                return ""
            out, self._waiting = self.rest(), sign
            return out + " "
        return self.rest() + (" " if spaced else "") + sign

    def rest(self) -> str:
        """Return the digits that still wait."""
        out, self._waiting = self._waiting, ""
        return out
