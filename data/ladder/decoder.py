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
    """Keys and values of B rows, (layers, B, heads, slots, head) each; prompts end at the same slot, so they start at different ones."""

    def __init__(self, shape: Shape, rows: int, slots: int) -> None:
        size = (shape.layers, rows, shape.heads, slots, shape.head)
        self.keys, self.values = np.zeros(size, np.float32), np.zeros(size, np.float32)
        self.used = 0
        self.start: Ints = np.zeros(rows, np.int64)

    def keep(self, rows: NDArray[np.bool_]) -> None:
        """Drop the rows that are done."""
        self.keys, self.values, self.start = self.keys[:, rows], self.values[:, rows], self.start[rows]


class Decoder:
    """The network with its weights, by the names of the training's file; arrays are float32 and only read."""

    def __init__(self, shape: Shape, weights: Mapping[str, Floats]) -> None:
        self.shape = shape
        self._embed, self._place, self._gain, self._head = (weights[name] for name in ("embed", "place", "gain", "head"))
        self._layers = [_Layer(shape, weights, f"blocks.{i}.") for i in range(shape.layers)]
        self._frequencies: Floats = (THETA ** (-np.arange(0, shape.head, 2) / shape.head)).astype(np.float32)

    def read(self, tokens: Ints, places: Ints, start: Ints, slots: int) -> tuple[Floats, Cache]:
        """Return the logits (B, vocabulary) behind each prompt, and the cache.

        tokens, places : (B, T), each prompt at the right end of its row. start : (B,) where it begins. slots : T and all that follows.
        """
        rows, length = tokens.shape
        cache = Cache(self.shape, rows, slots)
        cache.start, cache.used = start, length
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
        used = cache.used
        turn = self._turn((used - cache.start)[:, None])
        # Prompts are as long as each other but for a few tokens: what lies before a prompt's start is masked.
        hidden = np.arange(used + 1)[None, :] < cache.start[:, None] if cache.start.any() else None
        x = (self._embed[tokens] + self._place[places])[:, None]
        for i, layer in enumerate(self._layers):
            x = layer.step(x, turn, hidden, cache.keys[i, :, :, : used + 1], cache.values[i, :, :, : used + 1])
        cache.used += 1
        return self._logits(x[:, 0])

    def _turn(self, at: Ints) -> tuple[Floats, Floats]:
        angle: Floats = at[:, None, :, None].astype(np.float32) * self._frequencies
        return np.cos(angle), np.sin(angle)

    def _logits(self, x: Floats) -> Floats:
        logits: Floats = np.matmul(_rms(x) * self._gain, self._head.T)
        return logits


class _Layer:
    def __init__(self, shape: Shape, weights: Mapping[str, Floats], prefix: str) -> None:
        self.heads, self.head, self.width = shape.heads, shape.head, shape.width
        self.gain1, self.gain2, self.qgain, self.kgain = (weights[prefix + n] for n in ("gain1", "gain2", "qgain", "kgain"))
        self.qkv, self.out, self.up, self.down = (np.ascontiguousarray(weights[prefix + n].T) for n in ("qkv", "out", "up", "down"))
        self.scale: np.float32 = np.float32(shape.head**-0.5)

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
        flat = (_rms(x) * self.gain1).reshape(-1, self.width) @ self.qkv
        q, k, v = flat.reshape(rows, length, 3, self.heads, self.head).transpose(2, 0, 3, 1, 4)
        return _rotated(_rms(q) * self.qgain, turn), _rotated(_rms(k) * self.kgain, turn), v

    def _attend(self, q: Floats, keys: Floats, values: Floats, hidden: NDArray[np.bool_] | None) -> Floats:
        weights: Floats = (q @ keys.swapaxes(-1, -2)) * self.scale
        if hidden is not None:
            weights = np.where(hidden[:, None, None, :], np.float32(-np.inf), weights)
        weights -= weights.max(-1, keepdims=True)
        np.exp(weights, out=weights)
        weights /= weights.sum(-1, keepdims=True)
        y: Floats = weights @ values
        return y.transpose(0, 2, 1, 3).reshape(y.shape[0], y.shape[2], self.width)

    def _rest(self, x: Floats, y: Floats) -> Floats:
        shape = x.shape
        x = x.reshape(-1, self.width) + y.reshape(-1, self.width) @ self.out
        inner = (_rms(x) * self.gain2) @ self.up
        np.maximum(inner, 0, out=inner)
        inner *= inner
        x += inner @ self.down
        return x.reshape(shape)


def _rms(x: Floats) -> Floats:
    square: Floats = np.einsum("...d,...d->...", x, x)[..., None] / np.float32(x.shape[-1])
    scaled: Floats = x / np.sqrt(square + EPS)
    return scaled


def _rotated(x: Floats, turn: tuple[Floats, Floats]) -> Floats:
    cos, sin = turn
    half = x.shape[-1] // 2
    a, b = x[..., :half], x[..., half:]
    return np.concatenate([a * cos - b * sin, b * cos + a * sin], axis=-1)
