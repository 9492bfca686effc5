"""Train the ladder: `python -m data.ladder.train NAME --work FOLDER`, one process a model; a broken run goes on where it stopped.

Fixed steps and seeds. On two free cores with AVX512-BF16 the whole ladder takes about two hours, one core without it about three
times as long. The finished weights are written as fp16 safetensors beside the code (or to --out).
"""

from __future__ import annotations

import argparse
import json
import os
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F  # noqa: N812 - its usual name
from torch import Tensor

from data.ladder.batches import Batch, batches
from data.ladder.model import WEIGHTS
from data.ladder.net import Net, mask_of
from data.ladder.rungs import RUNGS, SPECIALISTS, Rung, rung
from data.ladder.tokens import tokenizer

MUON_RATE, ADAM_RATE = 0.012, 4e-3
SEED = 7
_SAVED_EVERY, _TOLD_EVERY = 1000, 200


@dataclass(frozen=True, slots=True)
class Progress:
    """Where a training is: steps done and in all, mean loss in nats a token since the last report, seconds of this process."""

    step: int
    steps: int
    loss: float
    seconds: float


def train(
    made: Rung,
    work: Path | None = None,
    *,
    steps: int | None = None,
    tell: Callable[[Progress], None] = lambda _: None,
    compiled: bool = True,
) -> Net:
    """Return the trained network of a rung.

    work : a folder for checkpoints, taken up again if there are any. steps : stop after so many (a smoke run); the learning rate
    still falls as the full run's. compiled : torch.compile, 1.5 times faster after half a minute.
    """
    torch.set_num_threads(1)
    torch.manual_seed(0)
    state = _State(made, work)
    body, tail = (torch.compile(each, dynamic=True) if compiled else each for each in (state.net, state.net.tail))
    losses: list[float] = []
    begun = time.monotonic()
    last = min(steps or made.steps, made.steps)
    for batch in _until(batches(made, SEED, state.step), last - state.step):
        state.pace(made.rate(state.step))
        losses.append(_learnt(state, batch, body, tail))
        if state.step % _TOLD_EVERY == 0 or state.step == last:
            tell(Progress(state.step, made.steps, float(np.mean(losses)), time.monotonic() - begun))
            losses = []
        if state.step % _SAVED_EVERY == 0 or state.step == last:
            state.save()
    return state.net


class _State:
    """Network, optimisers and step; saved and read together."""

    def __init__(self, made: Rung, work: Path | None) -> None:
        self.net = Net(made.shape)
        matrices = [p for block in self.net.layers for p in (block.qkv, block.out, block.up, block.down)]
        inner = {id(p) for p in matrices}
        # Muon (Jordan 2024) for the matrices, AdamW for embeddings, head and gains.
        self.muon = torch.optim.Muon(matrices, lr=MUON_RATE, momentum=0.95, weight_decay=0.05)
        rest = [p for p in self.net.parameters() if id(p) not in inner]
        self.adam = torch.optim.AdamW(rest, lr=ADAM_RATE, betas=(0.9, 0.95), weight_decay=0.0)
        self.step = 0
        self._file = work / f"{made.name}.pt" if work else None
        if self._file is not None and self._file.is_file():
            held = torch.load(self._file, weights_only=True)
            for name, part in (("net", self.net), ("muon", self.muon), ("adam", self.adam)):
                part.load_state_dict(held[name])
            self.step = held["step"]

    def pace(self, rate: float) -> None:
        for optimiser, highest in ((self.muon, MUON_RATE), (self.adam, ADAM_RATE)):
            for group in optimiser.param_groups:
                group["lr"] = highest * rate

    def move(self) -> None:
        for optimiser in (self.muon, self.adam):
            optimiser.step()  # type: ignore[no-untyped-call]
            optimiser.zero_grad(set_to_none=True)
        self.step += 1

    def save(self) -> None:
        if self._file is None:
            return
        self._file.parent.mkdir(parents=True, exist_ok=True)
        part = self._file.with_suffix(".part")
        held = {"net": self.net.state_dict(), "muon": self.muon.state_dict(), "adam": self.adam.state_dict(), "step": self.step}
        torch.save(held, part)
        part.replace(self._file)


def _learnt(state: _State, batch: Batch, body: Callable[..., Any], tail: Callable[..., Tensor]) -> float:
    tokens, places, prompt, length = (torch.from_numpy(each) for each in (batch.tokens, batch.places, batch.prompt, batch.length))
    t = tokens.shape[1]
    at = torch.arange(t)[None]
    wanted = (at >= prompt[:, None] - 1) & (at < length[:, None] - 1)
    with torch.autocast("cpu", torch.bfloat16):
        x, y = body(tokens, places, mask_of(prompt, length, t))
        logits = tail(x[wanted], y[wanted])
    loss = F.cross_entropy(logits.float(), tokens.roll(-1, 1)[wanted])
    loss.backward()  # type: ignore[no-untyped-call]
    state.move()
    return loss.item()


def _until(items: Iterator[Batch], count: int) -> Iterator[Batch]:
    for _ in range(max(count, 0)):
        yield next(items)


def ship(made: Rung, net: Net, folder: Path = WEIGHTS) -> Path:
    """Write the network as fp16 safetensors with what it says of itself, and return the file."""
    from safetensors.torch import save_file

    config = {
        "name": made.name,
        "shape": asdict(made.shape),
        "vocabulary": tokenizer().fingerprint,
        "thinks": made.think > 0,
        "can_think": made.think > 0,
        "can_answer_directly": made.think < 1,
        "items": made.items,
        "seed": SEED,
    }
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / f"{made.name}.safetensors"
    held = {name: value.detach().to(torch.float16).contiguous() for name, value in net.state_dict().items()}
    save_file(held, file, metadata={"config": json.dumps(config)})
    return file


def main(arguments: Sequence[str] | None = None) -> None:
    """Train and write; progress goes to the terminal."""
    everyone = [each.name for each in (*RUNGS, *SPECIALISTS)]
    parser = argparse.ArgumentParser(description="Train models of the ladder.")
    parser.add_argument("names", nargs="*", default=everyone, help=f"which: {', '.join(everyone)}; all of them where none is named")
    parser.add_argument("--work", type=Path, default=Path("ladder-work"), help="where checkpoints are kept")
    parser.add_argument("--out", type=Path, default=WEIGHTS, help="where the weights go")
    parser.add_argument("--steps", type=int, help="stop after so many steps; a smoke run")
    parser.add_argument("--eager", action="store_true", help="do without torch.compile: slower, but at work at once")
    options = parser.parse_args(arguments)
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    for name in options.names:
        made = rung(name)
        net = train(made, options.work, steps=options.steps, tell=_teller(name), compiled=not options.eager)
        print(ship(made, net, options.out))


def _teller(name: str) -> Callable[[Progress], None]:
    def tell(at: Progress) -> None:
        print(f"{name}: step {at.step:,} of {at.steps:,}, loss {at.loss:.4f}, {at.seconds:,.0f} s", flush=True)

    return tell


if __name__ == "__main__":
    main()
