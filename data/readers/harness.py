"""What lm-evaluation-harness leaves to its folders and names: a file's task and model; and how its scores and options are read."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from pathlib import PurePosixPath
from typing import Any

_NAME = re.compile(r"(?:results|samples_(?P<task>.+))_(?P<date>\d{4}-\d\d-\d\dT[\d.\-]+)\.jsonl?(?:\.gz)?")
_ARGUMENT = re.compile(r"(?:^|,)(?:peft|delta|pretrained|model|path|engine)=([^,]+)")
_METRICS = ("exact_match", "acc", "em", "pass@1", "prompt_level_strict_acc", "acc_norm", "f1", "mc2", "score")


def task_of(file: str) -> str:
    """Return the task that a name such as `samples_gsm8k_2024-07-20T12-34-56.789012.jsonl` says, else ""."""
    name = _NAME.fullmatch(PurePosixPath(file).name)
    return (name["task"] or "") if name else ""


def model_of(results: Mapping[str, Any]) -> str:
    """Return the model that a results file names, else ""."""
    config = results.get("config")
    arguments = config.get("model_args") if isinstance(config, dict) else None
    if isinstance(arguments, dict):
        arguments = ",".join(f"{key}={value}" for key, value in arguments.items())
    written = _ARGUMENT.search(arguments) if isinstance(arguments, str) else None
    return str(results.get("model_name") or (written[1] if written else ""))


def models_of(files: Iterable[str], named: Mapping[str, str]) -> dict[str, str]:
    """Return file of samples -> its model.

    named : results file -> model. The results file of the same date counts, else that of the same folder, else the name of the folder
    (`org__name` is `org/name`), else the name of the file.
    """
    return {file: _nearest(file, named) for file in dict.fromkeys(files)}


def _nearest(file: str, named: Mapping[str, str]) -> str:
    folder, date = _place(file)
    by_date = {model for results, model in named.items() if date and _place(results)[1] == date}
    by_folder = {model for results, model in named.items() if _place(results)[0] == folder}
    for models in (by_date, by_folder):
        if len(models) == 1:
            return models.pop()
    return folder.replace("__", "/") or PurePosixPath(file).stem


def _place(file: str) -> tuple[str, str]:
    path = PurePosixPath(file)
    name = _NAME.fullmatch(path.name)
    return path.parent.name, name["date"] if name else ""


def score_of(sample: Mapping[str, Any]) -> float | None:
    """Return the sample's score by the first of its metrics that is one number; None if there is none.

    A metric is named alone, or with its filter: `exact_match,strict-match`.
    """
    listed = sample.get("metrics") or ()
    for metric in (*_METRICS, *(str(each) for each in listed)):
        for name in (metric, f"{metric},{sample.get('filter') or 'none'}"):
            value = sample.get(name)
            if isinstance(value, (bool, int, float)) and not math.isnan(value):
                return float(value)
    return None


def options_of(filtered: Any) -> tuple[str, float] | None:
    """Return (position of the likeliest option from 0, its probability less that of the second); None unless options were compared.

    filtered : log-likelihoods of the options as [[-3.0, false], [-0.5, true]], numbers or texts. Probabilities are over the options.
    """
    try:
        logs = [float(option[0]) for option in filtered if not isinstance(option, str)]
    except (TypeError, ValueError, IndexError):
        return None
    if len(logs) < 2 or len(logs) < len(filtered) or not all(math.isfinite(log) for log in logs):
        return None
    weights = [math.exp(log - max(logs)) for log in logs]
    first, second = sorted(weights, reverse=True)[:2]
    return str(weights.index(first)), (first - second) / sum(weights)
