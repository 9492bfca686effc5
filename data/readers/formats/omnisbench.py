"""OmnisBench runs: a row per policy and question; some policies looked at the outcome before they chose."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from data.readers import long
from data.readers.base import Guess, Sheet
from data.readers.formats.base import Format
from data.readers.profile import Profile


class OmnisBench(Format):
    """Source: github.com/Fortitude-Group/OmnisBench."""

    id = "omnisbench"
    title = "runs of policies"
    about = (
        "Recorded by OmnisBench: a row is one policy's answer, not one model's. Rows of policies that knew the outcome are no observations "
        "of a model and are left out; a random policy's rows are, with the probability with which it picked."
    )

    def guess(self, sheet: Sheet, found: Mapping[str, Profile]) -> Guess | None:
        """Return the mapping of a sheet of policies' rows; rows of policies that know the outcome are left out."""
        base = long.guess(sheet, found)
        if base is None or "policy" not in base.mapping.query:
            return None
        chosen = long.outcome_policies(sheet, base.mapping.query["policy"])
        mapping = replace(base.mapping, outcome_policies=chosen)
        return replace(base, reader=self.id, title=self.title, mapping=mapping)
