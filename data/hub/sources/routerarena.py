"""RouterArena: the cached answers of the three models that its repository keeps with scores.

Not pinned: the repository moves on, and no commit is known that holds all three files in their last form. The commit that was
fetched is recorded. Other cached files hold answers without scores, so they are left out.
"""

from data.hub.base import Source, Wanted

CACHED = Source(
    id="routerarena",
    title="RouterArena, cached results",
    about="Answers of three small models with scores, tokens and costs; of 8,400 questions only 809 have published references.",
    queries=809,
    models=3,
    counted="questions with published references, and the models with scores",
    paper="2510.00202",
    home="github",
    repository="RouteWorks/RouterArena",
    files=(
        Wanted(path="cached_results/claude-3-haiku-20240307.jsonl"),
        Wanted(path="cached_results/gemini-2.0-flash-001.jsonl"),
        Wanted(path="cached_results/gpt-4o-mini.jsonl"),
    ),
    licence="Apache-2.0",
    licence_note="Said in the headers of its code; nothing is stated of the answers.",
    about_bytes=10_000_000,
)
