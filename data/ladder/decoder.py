"""The small decoder in NumPy: prompts read at once, then one token a step with a cache of keys and values; no torch.

Pre-norm transformer with rotary positions (RoPE, arXiv 2104.09864), normalised queries and keys, RMS norm and squared ReLU
(arXiv 2109.08668); a prompt sees itself in both directions (prefix LM), what is generated sees what is before it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Ints = NDArray[np.int64]
THETA = 10_000.0
EPS = np.finfo(np.float32).eps
ROOM = 16  # slots by which a cache grows


@dataclass(frozen=True, slots=True)
class Shape:
    """Width, layers, heads of a decoder, and the sizes of its two embedding tables."""

    width: int
    layers: int
    heads: int
    vocabulary: int
    places: int

    @property
    def head(self) -> int:
        """Width of one head."""
        return self.width // self.heads

    @property
    def parameters(self) -> int:
        """How many numbers the model has learnt."""
        layer = 12 * self.width**2 + 2 * self.width + 2 * self.head
        return self.layers * layer + (2 * self.vocabulary + self.places + 1) * self.width


class Cache:
    """Keys and values of B rows, (layers, B, heads, slots, head) each; prompts end at the same slot, so they start at different ones.

    Slots are added as they are needed: a copy of what is used is cheaper than room for the longest answer in every product.
    """

    def __init__(self, shape: Shape, start: Ints, used: int) -> None:
        size = (shape.layers, len(start), shape.heads, used + ROOM, shape.head)
        self.keys, self.values = np.empty(size, np.float32), np.empty(size, np.float32)
        self.start, self.used = start, used

    def keep(self, rows: NDArray[np.bool_]) -> None:
        """Drop the rows that are done."""
        self.keys, self.values, self.start = self._moved(self.keys, rows), self._moved(self.values, rows), self.start[rows]

    def add(self) -> int:
        """Return how many slots are used with one more."""
        if self.used == self.keys.shape[3]:
            self.keep(np.ones(len(self.start), np.bool_))
        self.used += 1
        return self.used

    def _moved(self, held: Floats, rows: NDArray[np.bool_]) -> Floats:
        layers, _, heads, _, head = held.shape
        moved = np.empty((layers, int(rows.sum()), heads, self.used + ROOM, head), np.float32)
        for new, old in zip(moved, held, strict=True):
            new[:, :, : self.used] = old[rows, :, : self.used]
        return moved


class Decoder:
    """The network with its weights, by the names of the training's file; arrays are float32 and only read."""

    def __init__(self, shape: Shape, weights: Mapping[str, Floats]) -> None:
        self.shape = shape
        self._embed, self._place = weights["embed"], weights["place"]
        self._head = np.ascontiguousarray((weights["head"] * weights["gain"]).T)  # a norm's gains belong to the matrix behind it
        self._layers = [_Layer(shape, weights, f"blocks.{i}.") for i in range(shape.layers)]
        self._frequencies: Floats = (THETA ** (-np.arange(0, shape.head, 2) / shape.head)).astype(np.float32)

    def read(self, tokens: Ints, places: Ints, start: Ints) -> tuple[Floats, Cache]:
        """Return the logits (B, vocabulary) behind each prompt, and the cache.

        tokens, places : (B, T), each prompt at the right end of its row. start : (B,) where it begins.
        """
        length = tokens.shape[1]
        cache = Cache(self.shape, start, length)
        at = np.arange(length)
        hidden: NDArray[np.bool_] = at[None, :] < start[:, None]
        turn = self._turn(np.maximum(at[None, :] - start[:, None], 0))
        x = self._embed[tokens] + self._place[places]
        for i, layer in enumerate(self._layers):
            last = i == len(self._layers) - 1
            x = layer.read(x, turn, hidden, cache.keys[i, :, :, :length], cache.values[i, :, :, :length], only_last=last)
        return self._logits(x[:, -1]), cache

    def step(self, tokens: Ints, places: Ints, cache: Cache) -> Floats:
        """Return the logits (B, vocabulary) behind one further token a row; the cache grows by it."""
        used = cache.add()
        turn = self._turn((used - 1 - cache.start)[:, None])
        # Prompts are as long as each other but for a few tokens: what lies before a prompt's start is masked.
        hidden = np.arange(used)[None, :] < cache.start[:, None] if cache.start.any() else None
        x = (self._embed[tokens] + self._place[places])[:, None]
        for i, layer in enumerate(self._layers):
            x = layer.step(x, turn, hidden, cache.keys[i, :, :, :used], cache.values[i, :, :, :used])
        return self._logits(x[:, 0])

    def _turn(self, at: Ints) -> tuple[Floats, Floats]:
        angle: Floats = at[:, :, None, None, None].astype(np.float32) * self._frequencies
        return np.cos(angle), np.sin(angle)

    def _logits(self, x: Floats) -> Floats:
        logits: Floats = _rms(x) @ self._head
        return logits


class _Layer:
    def __init__(self, shape: Shape, weights: Mapping[str, Floats], prefix: str) -> None:
        self.heads, self.head, self.width = shape.heads, shape.head, shape.width
        # The root of the head's width divides queries here, not every product of theirs with a key.
        self.gains = np.stack([weights[prefix + "qgain"] * np.float32(shape.head**-0.5), weights[prefix + "kgain"]])[:, None]
        self.qkv = np.ascontiguousarray((weights[prefix + "qkv"] * weights[prefix + "gain1"]).T)
        self.up = np.ascontiguousarray((weights[prefix + "up"] * weights[prefix + "gain2"]).T)
        self.out, self.down = (np.ascontiguousarray(weights[prefix + name].T) for name in ("out", "down"))

    def read(
        self, x: Floats, turn: tuple[Floats, Floats], hidden: NDArray[np.bool_], keys: Floats, values: Floats, *, only_last: bool
    ) -> Floats:
        q, keys[:], values[:] = self._qkv(x, turn)
        if only_last:  # nothing behind the last layer needs the rest of the prompt
            q, x = q[:, :, -1:], x[:, -1:]
        return self._rest(x, self._attend(q, keys, values, hidden))

    def step(self, x: Floats, turn: tuple[Floats, Floats], hidden: NDArray[np.bool_] | None, keys: Floats, values: Floats) -> Floats:
        q, keys[:, :, -1:], values[:, :, -1:] = self._qkv(x, turn)
        return self._rest(x, self._attend(q, keys, values, hidden))

    def _qkv(self, x: Floats, turn: tuple[Floats, Floats]) -> tuple[Floats, Floats, Floats]:
        rows, length, _ = x.shape
        flat = (_rms(x).reshape(-1, self.width) @ self.qkv).reshape(rows, length, 3, self.heads, self.head)
        # Queries and keys at once: at this size it is the calls that cost.
        q, k = _rotated(_rms(flat[:, :, :2]) * self.gains, turn).transpose(2, 0, 3, 1, 4)
        return q, k, flat[:, :, 2].transpose(0, 2, 1, 3)

    def _attend(self, q: Floats, keys: Floats, values: Floats, hidden: NDArray[np.bool_] | None) -> Floats:
        weights: Floats = q @ keys.swapaxes(-1, -2)
        if hidden is not None:
            np.copyto(weights, np.float32(-np.inf), where=hidden[:, None, None, :])
        weights -= weights.max(-1, keepdims=True)
        np.exp(weights, out=weights)
        y: Floats = weights @ values
        y /= weights.sum(-1, keepdims=True)
        return y.transpose(0, 2, 1, 3).reshape(y.shape[0], y.shape[2], self.width)

    def _rest(self, x: Floats, y: Floats) -> Floats:
        shape = x.shape
        x = x.reshape(-1, self.width) + y.reshape(-1, self.width) @ self.out
        inner = _rms(x) @ self.up
        np.maximum(inner, 0, out=inner)
        inner *= inner
        x += inner @ self.down
        return x.reshape(shape)


def _rms(x: Floats) -> Floats:
    square: Floats = np.einsum("...d,...d->...", x, x)[..., None] / np.float32(x.shape[-1])
    scaled: Floats = x * (np.float32(1) / np.sqrt(square + EPS))
    return scaled


def _rotated(x: Floats, turn: tuple[Floats, Floats]) -> Floats:
    cos, sin = turn
    half = x.shape[-1] // 2
    a, b = x[..., :half], x[..., half:]
    out = np.empty_like(x)
    np.subtract(a * cos, b * sin, out=out[..., :half])
    np.add(b * cos, a * sin, out=out[..., half:])
    return out
