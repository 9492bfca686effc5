"""A decision rule as people write it: the plain text of a card with signs, Greek letters and subscripts, as HTML."""

from __future__ import annotations

import html
import re
import unicodedata

_GREEK = {
    "alpha": "α", "beta": "β", "gamma": "γ", "delta": "δ", "epsilon": "ε", "eta": "η", "theta": "θ", "kappa": "κ", "lambda": "λ",
    "mu": "μ", "sigma": "σ", "tau": "τ",
}  # fmt: skip
_SIGNS = (("<-", "←"), (">=", "≥"), ("<=", "≤"), ("!=", "≠"), (" * ", " · "), (" - ", " − "), (" . ", " · "))
_LETTERS = re.compile(rf"(?<![A-Za-z])({'|'.join(_GREEK)})(?![A-Za-z])")
_HAT = re.compile(r"([A-Za-z])_hat(?![A-Za-z])")
_SUM = re.compile(r"(?<![A-Za-z])sum(?=_)")
# A subscript is in braces, short, or below a single letter: a longer word after a word is the name of a column.
_LETTER = r"A-Za-z\u0370-\u03ff\u0302"
_SUB = re.compile(
    rf"(?<=[{_LETTER})])_(?:\{{([^}}]*)\}}|([A-Za-z0-9\u0370-\u03ff]{{1,3}})(?![A-Za-z0-9_]))"
    rf"|(?<![{_LETTER}][{_LETTER}])(?<=[{_LETTER}])_([A-Za-z0-9]+)(?![A-Za-z0-9_])"
)
_POWER = re.compile(r"\^(?:\{([^}]*)\}|([A-Za-z0-9]+))")


def formula(rule: str) -> str:
    """Return a rule as HTML: escaped, then set."""
    text = rule
    for plain, sign in _SIGNS:
        text = text.replace(plain, sign)
    text = _HAT.sub("\\1̂", text)
    text = _LETTERS.sub(lambda found: _GREEK[found[0]], text)
    text = _SUM.sub("Σ", text)
    text = html.escape(text, quote=True)
    text = _SUB.sub(lambda found: f"<sub>{(found[1] or found[2] or found[3]).replace(' in ', ' ∈ ')}</sub>", text)
    text = _POWER.sub(lambda found: f"<sup>{found[1] or found[2]}</sup>", text)
    return unicodedata.normalize("NFC", text)  # letters with a hat of their own look better than two signs
