"""The final number of an answer."""

from __future__ import annotations

import math
import re
from decimal import Decimal, InvalidOperation

from data.scoring.base import Scorer

_MARKS = re.compile(r"<<[^<>]*>>")  # GSM8K's calculator annotations
_SIZE = r"\s?[$€£]?\s?(?:\d{1,3}(?:,\d{3})+(?![\d,])|\d+)?(?:\.\d+|(?<=\d))(?:[eE][+-]?\d+)?(?:\s?/\s?\d+(?![\d,.]*\d))?"
_NUMBER = rf"[-−]?{_SIZE}"
# In a sentence a minus with space after it takes away ("20 - 5") or is a bullet ("- 5 apples"), unless "=" or a bracket is before it.
_INSIDE = rf"(?:[-−](?!\s)|(?<=[=(])\s?[-−]\s)?{_SIZE}"
_ANY = re.compile(rf"(?<![\w.]){_INSIDE}|(?<=[$€£=*]){_INSIDE}")
_FINAL = re.compile(rf"####\s*({_NUMBER})|\\boxed\{{\s*\\?({_NUMBER})|answer(?:\s+is|:)+\s*[*$\\(]*({_NUMBER})", re.IGNORECASE)
_TOLERANCE = 1e-6


class Numeric(Scorer):
    """The final number, whatever its unit, currency and thousands separators."""

    id = "numeric"
    title = "Numeric"
    help = "Right if the final number of the answer equals the reference's: `#### $1,080.00` is 1080."

    def extract(self, answer: str) -> str:
        """Return the number after `####`, in a box or after "answer is", else the last one; "" without any."""
        text = _MARKS.sub("", answer)
        final = [next(group for group in match if group) for match in _FINAL.findall(text)]
        found = final or _ANY.findall(text)
        return _canonical(found[-1]) if found else ""

    def score(self, answer: str, reference: str) -> float:
        """Return 1 if both final numbers agree to a relative 1e-6, else 0."""
        said, wanted = self.extract(answer), self.extract(reference)
        if not said or not wanted:
            return 0.0
        return float(said == wanted or math.isclose(float(said), float(wanted), rel_tol=_TOLERANCE, abs_tol=1e-9))


def _canonical(text: str) -> str:
    """Return a number in its shortest plain form: `$1,080.00` -> `1080`, `1/2` -> `0.5`."""
    cleaned = re.sub(r"[\s$€£,]", "", text).replace("−", "-")
    top, _, bottom = cleaned.partition("/")
    try:
        value = Decimal(top)
        if bottom:
            value = Decimal(repr(float(value / Decimal(bottom))))
        if not value.is_finite() or abs(value.adjusted()) > 300:
            return ""
    except (InvalidOperation, ZeroDivisionError):
        return ""
    if value == 0:
        return "0"
    whole = value == value.to_integral_value()
    return format(value.quantize(Decimal(1)) if whole and abs(value) < Decimal(10) ** 25 else value.normalize(), "f")
