"""Write docs/strategies.md from the cards and knobs of the strategies: `python -m docs.make`. A test holds it up to date."""

from __future__ import annotations

from pathlib import Path

from strategies.knobs import Turn, declared, turns
from strategies.protocol import Strategy
from strategies.registry import discover

ROOT = Path(__file__).resolve().parents[1]
HEAD = """# Strategies

Written by `python -m docs.make` from each strategy's card and knobs; the sliders, the address and the exports come from the
same declarations.
"""


def described(kind: type[Strategy]) -> str:
    """Return one strategy's section."""
    card = kind.card
    lines = [f"## {card.title}", "", f"`{card.id}` · {card.family}" + (" · a bound, not a policy" if card.bound else ""), "", card.idea, ""]
    lines += [f"- Rule: `{card.rule}`", f"- Source: {card.source}"]
    if card.needs:
        lines.append(f"- Needs: {', '.join(sorted(card.needs))}")
    made = kind()
    lines += [f"- {spec.title or field.name} (`{field.name}`): {spec.help}" for field, spec in declared(made, "arms")]
    lines += [f"- {spec.title or field.name} (`{field.name}`): {spec.help}" for field, spec in declared(made, "choice")]
    lines += [knob_line(turn) for turn in turns(made)]
    return "\n".join(lines) + "\n"


def knob_line(turn: Turn) -> str:
    """Return a knob's line: name, range, unit, what it does."""
    knob = turn.knob
    high = "the data's own end" if knob.high == "data" else f"{knob.high:g}"
    higher = f" Higher {knob.higher}." if knob.higher else ""
    return f"- {turn.title} (`{turn.name}`, {knob.low:g} to {high}, {knob.unit}): {knob.help}{higher}"


def page() -> str:
    """Return the whole page."""
    found, _ = discover()
    return "\n".join([HEAD, *(described(kind) for kind in found.values())])


if __name__ == "__main__":
    (ROOT / "docs" / "strategies.md").write_text(page(), encoding="utf-8")
