"""The network in torch, for training only; `decoder.py` runs the same in NumPy, and a test holds both against each other."""

from __future__ import annotations

import torch
import torch.nn.functional as F  # noqa: N812 - its usual name
from torch import Tensor, nn

from data.ladder.decoder import THETA, Shape


class Net(nn.Module):
    """A prefix-LM decoder; parameters have the names of the file of weights."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.shape = shape
        self.embed = nn.Parameter(torch.randn(shape.vocabulary, shape.width) * 0.5)
        self.place = nn.Parameter(torch.randn(shape.places, shape.width) * 0.1)
        self.layers = [_Block(shape.width, shape.heads) for _ in range(shape.layers)]
        self.blocks = nn.ModuleList(self.layers)
        self.gain = nn.Parameter(torch.ones(shape.width))
        self.head = nn.Parameter(torch.randn(shape.vocabulary, shape.width) * 0.02)

    def forward(self, tokens: Tensor, places: Tensor, mask: Tensor) -> tuple[Tensor, Tensor]:
        """Return (B, T, width) twice: the stream before the last layer, and that layer's attention; `tail` does the rest.

        tokens, places : (B, T). mask : (B, 1, T, T), true where a position may look.
        """
        size = self.shape.head
        angle = torch.arange(tokens.shape[1])[:, None] * torch.pow(THETA, -torch.arange(0, size, 2) / size)
        turn = angle.cos(), angle.sin()
        x = self.embed[tokens] + self.place[places]
        for block in self.layers[:-1]:
            x = block.rest(x, block.attend(x, turn, mask))
        return x, self.layers[-1].attend(x, turn, mask)

    def tail(self, x: Tensor, y: Tensor) -> Tensor:
        """Return the logits (k, vocabulary) of the k positions asked for, from both results of `forward` at them.

        Only what is generated is learnt, a sixth of all positions: the last layer is spared for the rest.
        """
        return F.linear(_rms(self.layers[-1].rest(x, y)) * self.gain, self.head)


class _Block(nn.Module):
    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.gain1, self.gain2 = nn.Parameter(torch.ones(width)), nn.Parameter(torch.ones(width))
        self.qgain, self.kgain = nn.Parameter(torch.ones(width // heads)), nn.Parameter(torch.ones(width // heads))
        self.qkv = nn.Parameter(torch.randn(3 * width, width) * width**-0.5)
        self.out = nn.Parameter(torch.zeros(width, width))
        self.up = nn.Parameter(torch.randn(4 * width, width) * width**-0.5)
        self.down = nn.Parameter(torch.zeros(width, 4 * width))

    def attend(self, x: Tensor, turn: tuple[Tensor, Tensor], mask: Tensor) -> Tensor:
        n, t, d = x.shape
        q, k, v = F.linear(_rms(x) * self.gain1, self.qkv).view(n, t, 3, self.heads, d // self.heads).permute(2, 0, 3, 1, 4)
        q, k = _rotated(_rms(q) * self.qgain, turn).to(v.dtype), _rotated(_rms(k) * self.kgain, turn).to(v.dtype)
        # By hand: torch's fused attention is five times slower on a CPU at this size, its backward pass most of all.
        weights = (q @ k.transpose(-1, -2)) * (d // self.heads) ** -0.5
        y = weights.float().masked_fill(~mask, float("-inf")).softmax(-1).to(v.dtype) @ v
        joined: Tensor = y.transpose(1, 2).reshape(n, t, d)
        return joined

    def rest(self, x: Tensor, y: Tensor) -> Tensor:
        x = x + F.linear(y, self.out)
        return x + F.linear(F.relu(F.linear(_rms(x) * self.gain2, self.up)).square(), self.down)


def mask_of(prompt: Tensor, length: Tensor, t: int) -> Tensor:
    """Return (B, 1, T, T): a prompt sees itself both ways, the rest sees what is before it; nobody sees the filling.

    prompt, length : (B,) tokens of the prompt and of the whole row.
    """
    at = torch.arange(t)
    seen = (at[None, None, :] <= at[None, :, None]) | (at[None, None, :] < prompt[:, None, None])
    return (seen & (at[None, None, :] < length[:, None, None]))[:, None] | torch.eye(t, dtype=torch.bool)[None, None]


def _rms(x: Tensor) -> Tensor:
    return F.rms_norm(x, (x.shape[-1],))


def _rotated(x: Tensor, turn: tuple[Tensor, Tensor]) -> Tensor:
    cos, sin = turn
    a, b = x.chunk(2, dim=-1)
    return torch.cat([a * cos - b * sin, b * cos + a * sin], dim=-1)
