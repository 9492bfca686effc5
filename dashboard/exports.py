"""What a person takes away: code, YAML, a policy file, the decision table, the chart. Strings and bytes, no streamlit calls."""

from __future__ import annotations

import io
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from dashboard import compute, scenes, state
from dashboard.components.plane.scene import Nudge
from dashboard.components.plane.twin import svg
from dashboard.scenes import Look, Placed
from strategies.persist import described, python_code, save
from strategies.study.curves import Fitted
from strategies.study.prepare import Study
from strategies.uncertainty.bootstrap import Interval, interval, paired


def python(study: Study, fit: Fitted) -> str:
    """Return lines of Python that build, fit and replay the policy at this point."""
    origin = study.whole.origin
    view = state.view()
    source = view.file or (view.data if origin.kind != "yours" else origin.name)
    selected = list(study.pool) if set(study.pool) != set(study.whole.models) else []
    return python_code(fit.policy, source=source, models=selected, relative=_relative(study))


def yaml(study: Study, fit: Fitted) -> str:
    """Return the policy and its expected figures with intervals as YAML."""
    import yaml as library

    return str(library.safe_dump(_rounded(described(fit.policy, expected(study, fit))), sort_keys=False, allow_unicode=True, width=100))


def expected(study: Study, fit: Fitted) -> dict[str, Any]:
    """Return the figures of this point on the test part, with 95 % intervals."""
    run = compute.decided(fit)
    gap = paired(run.quality, study.tested.quality(study.best))
    cost = interval(run.cost)
    return {
        "queries": len(study.rows),
        "split": "five-way cross-fitting" if study.crossed else "test, 40 %",
        "data": study.whole.fingerprint,
        "quality": _pair(interval(run.quality)),
        f"gap_to_{study.best}": _pair(gap),
        f"cost_{study.table.cost_unit.lower()}_per_query": _pair(cost),
        "prices": "assumed" if study.assumed else "recorded",
        "answered_by": {m: float(np.mean(run.answer == i)) for i, m in enumerate(study.pool)},
    }


def policy_file(fit: Fitted) -> bytes:
    """Return the fitted policy as .npz: JSON header and plain arrays, nothing pickled."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "policy.npz"
        save(fit.policy, path, data=fit.study.whole.fingerprint)
        return path.read_bytes()


def decisions_csv(fit: Fitted) -> bytes:
    """Return the decision table of the tested queries as CSV."""
    buffer = io.StringIO()
    compute.decision_frame(fit).to_csv(buffer, index=False)
    return buffer.getvalue().encode("utf-8")


def chart_svg(study: Study, placed: Sequence[Placed], look: Look) -> bytes:
    """Return the plane as a picture (the component's pure-Python twin)."""
    scene = scenes.scene(study, placed, look)
    nudge = Nudge(slot=look.selected, settings={p.letter: compute.settings_of(p.fit) for p in placed}, exact=None)
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
