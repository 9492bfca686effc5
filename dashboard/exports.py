"""What a person takes away: code, YAML, a policy file, the decision table, the chart. Strings and bytes, no streamlit calls."""

from __future__ import annotations

import io
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from dashboard import compute, play, scenes
from dashboard.components.plane.scene import Nudge
from dashboard.components.plane.twin import svg
from dashboard.scenes import Look, Placed
from dashboard.words import exports as words
from data.problems import listed
from data.splits import has_own
from strategies.knobs import turns
from strategies.persist import described, python_code, save
from strategies.study.curves import Fitted
from strategies.study.prepare import Study
from strategies.uncertainty.bootstrap import intervals_of
from strategies.uncertainty.interval import Interval


def python(study: Study, fit: Fitted, source: str, file: str = "") -> str:
    """Return lines of Python that build, fit and replay the policy at this point; they print the figures of its cards.

    source : the set's key, a bundled name or the id of a set that this computer keeps; file : what that one was called.
    """
    whole, table = study.whole, study.table
    note = words.KEPT.format(name=file or whole.origin.name) if whole.origin.kind != "recorded" else ""
    if len(whole) < len(compute.table(source)):
        note = words.PREVIEWED.format(n=len(whole))
    if made_up(study):
        note = f"{note}; {words.SIMULATED}"
    if knows_truth(fit):
        note = f"{note}; {words.REFERENCE}" if note else words.REFERENCE
    all_of_it = table.models == whole.models and len(table) == len(whole)
    return python_code(
        fit.policy,
        source=source,
        note=note,
        models=() if all_of_it else study.pool,
        relative=_relative(study),
        embed="embedding" in table.features and whole.origin.kind == "yours",
        crossed=study.crossed,
        seed=study.seed,
    )


def yaml(study: Study, fit: Fitted, picked: Sequence[str] = ()) -> str:
    """Return the policy and its expected figures with intervals as YAML; picked : sliders that were set on a tested query."""
    import yaml as library

    return str(
        library.safe_dump(_rounded(described(fit.policy, expected(study, fit, picked))), sort_keys=False, allow_unicode=True, width=100)
    )


def picked_words(fit: Fitted, picked: Sequence[str]) -> str:
    """Return the sentence for sliders that were set on a tested query, an empty string if the policy has none of them."""
    titles = [t.title for t in turns(fit.policy) if t.name in picked]
    return words.PICKED.format(knobs=listed(titles)) if titles else ""


def expected(study: Study, fit: Fitted, picked: Sequence[str] = ()) -> dict[str, Any]:
    """Return the figures of this point on the tested queries, with 95 % intervals: those of its cards."""
    values = play.per_query(fit)
    quality, cost, gap = intervals_of(values["quality"], values["cost"], against=study.tested.quality(study.best), strata=study.strata)
    return {
        "queries": len(study.rows),
        "split": _split(study),
        "threshold": picked_words(fit, picked) or (words.CHOSEN_CROSSED if study.crossed else words.CHOSEN),
        "data": study.whole.fingerprint,
        **({"policy_kind": words.REFERENCE} if knows_truth(fit) else {}),
        "data_kind": words.SIMULATED if made_up(study) else study.whole.origin.kind,
        "quality": _pair(quality),
        f"gap_to_{study.best}": _pair(gap),
        f"cost_{study.table.cost_unit.lower()}_per_query": _pair(cost),
        "prices": _prices(study),
        "answered_by": play.answered_by(fit),
    }


def _split(study: Study) -> str:
    if study.crossed:
        return words.SPLIT_CROSSED
    return words.SPLIT_OWN if has_own(study.table) else words.SPLIT_DRAWN


def _prices(study: Study) -> str:
    """Return where the prices come from: assumed as soon as one of them is."""
    tiers = {"recorded" if card.tier == "unknown" else card.tier for card in study.table.cards}
    return "assumed" if study.assumed else ", ".join(sorted(tiers))


def made_up(study: Study) -> bool:
    """Whether the set is simulated, which everything that leaves the page has to say."""
    return study.whole.origin.kind == "simulated"


def knows_truth(fit: Fitted) -> bool:
    """Whether the policy is a bound or asks a simulated judge: nothing that can be deployed."""
    return fit.policy.card.bound or fit.policy.card.judged


def policy_file(fit: Fitted) -> bytes:
    """Return the fitted policy as .npz: JSON header, which says what it was fitted on, and plain arrays, nothing pickled."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "policy.npz"
        save(fit.policy, path, data=fit.study.whole)
        return path.read_bytes()


def decisions_csv(fit: Fitted) -> bytes:
    """Return the decision table of the tested queries as CSV."""
    buffer = io.StringIO()
    table = play.decision_frame(fit)
    if made_up(fit.study):
        table["data"] = fit.study.whole.origin.kind
    table.to_csv(buffer, index=False)
    return buffer.getvalue().encode("utf-8")


def chart_svg(study: Study, placed: Sequence[Placed], look: Look) -> bytes:
    """Return the plane as a picture (the component's pure-Python twin)."""
    scene = replace(scenes.scene(study, placed, look), badge=words.SIMULATED if made_up(study) else "")
    nudge = Nudge(slot=look.selected, settings={p.letter: play.settings_of(p.fit) for p in placed}, exact=None)
    return str(svg(scene, nudge)).encode("utf-8")


def _relative(study: Study) -> dict[str, float]:
    return {} if study.table.cost_unit == "USD" else {card.name: card.relative_price for card in study.table.cards}


def _pair(value: Interval) -> dict[str, float]:
    return {"mean": value.mean, "low": value.low, "high": value.high}


def _rounded(value: Any) -> Any:
    """Return plain values with floats cut to nine significant digits: a float32's noise is no information."""
    if isinstance(value, dict):
        return {k: _rounded(v) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [_rounded(v) for v in value]
    return float(f"{value:.9g}") if isinstance(value, float) else value
