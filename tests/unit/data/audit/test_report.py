"""The report says the same in every form, and nothing that a file holds can become markup, script or a terminal's command."""

from __future__ import annotations

import json
import unicodedata
from dataclasses import replace
from html.parser import HTMLParser

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data.audit import apply, audit
from data.audit.document import Bullets, Grid, Heading, Paragraph, markdown, page, text, visible
from data.audit.report import as_json, conclusion_words, document, report, summary
from data.load import opened
from data.outcomes import HistoryLine, Origin, OutcomeTable, outcome_table
from data.queries import QuerySet
from data.readers.base import Upload
from data.readers.detect import finish, inspect

EVIL = "<script>alert(1)</script>"


class Tags(HTMLParser):
    """Collects the tags, attributes and texts of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.said: list[str] = []

    def handle_starttag(self, tag, attrs):
        """Note a tag."""
        self.tags.append(tag)
        self.attributes += attrs

    def handle_data(self, data):
        """Note a text."""
        self.said.append(data)


def tags(html: str) -> Tags:
    """Return what a browser would see in a page."""
    parser = Tags()
    parser.feed(html)
    parser.close()
    return parser


def planted(models=("a", "b"), prompt="prompt", name="set", rows=30) -> OutcomeTable:
    """Return a table with free calls of the first model in rows 3, 5 and 7, a score of -1 in row 9, and a hole in row 11."""
    rng = np.random.default_rng(1)
    cost = rng.uniform(0.01, 0.02, (rows, 2)) * [1, 10]
    cost[[2, 4, 6], 0] = 0
    quality = (rng.random((rows, 2)) < [0.6, 0.9]).astype(np.float32)
    quality[8, 1] = -1
    quality[10, 0] = np.nan
    queries = QuerySet.build([f"q{i + 1}" for i in range(rows)], prompts=[f"{prompt} {i} of its own kind {i * i}" for i in range(rows)])
    tokens = rng.integers(20, 900, (rows, 2))
    return outcome_table(
        models, quality, cost_usd=cost, tokens_in=tokens, tokens_out=tokens[::-1], queries=queries, check=False, origin=Origin(name=name)
    )


def entry(made, finding_id):
    """Return the entry of a finding in a report."""
    return next(each for each in made.entries if each.finding.id == finding_id)


def test_the_report_holds_findings_rows_choices_and_effects():
    """A finding comes with its first rows (from 1), each choice, and what the choice changes."""
    made = report(planted())
    free = entry(made, "zero_cost_with_tokens")
    assert [(row.row, row.id) for row in free.first] == [(3, "q3"), (5, "q5"), (7, "q7")]
    assert set(free.effects) == {"repair", "exclude", "keep"}
    assert str(free.effects["keep"]) == "no conclusion changes"
    assert "mean cost of a" in str(free.effects["repair"])
    said = text(document(made))
    for words in ("Error: Zero cost with tokens", "q3", "cost from tokens and", "Missing cells", "Nothing was done to this table."):
        assert words in said


def test_at_most_twenty_rows_are_shown_and_the_rest_counted():
    """Of 25 rows the first twenty stand in the report, and it says so."""
    table = planted(rows=40)
    cost = np.array(table.numbers["cost_usd"])
    cost[:25, 0] = 0
    made = report(replace(table, numbers={**table.numbers, "cost_usd": cost}))
    assert len(entry(made, "zero_cost_with_tokens").first) == 20
    assert "25 rows of a (zero_cost_with_tokens), the first 20 of them:" in text(document(made))


def test_a_settled_finding_says_how_and_offers_nothing():
    """What the history settled is shown as such, without choices, and doesn't count as open."""
    table = planted()
    finding = next(f for f in audit(table) if f.id == "zero_cost_with_tokens")
    made = report(apply(table, finding, "keep"))
    assert entry(made, "zero_cost_with_tokens").effects == {}
    said = text(document(made))
    assert "Error: Zero cost with tokens (settled: keep)" in said
    assert "1 settled" in said
    assert "audit" in said


def test_a_clean_table_has_a_clean_report():
    """Without findings the report says that no check finds anything."""
    made = report(outcome_table(("a",), np.ones((3, 1))))
    assert made.entries == ()
    assert text(document(made)).count("No check finds anything.") == 2


def test_the_report_of_a_file_names_its_files_and_columns():
    """Files come with use, size and SHA-256; the mapping with column, role and model; a stored table still knows the names."""
    upload = Upload("scores.csv", b"id,gpt_score,tiny_score,gpt_cost,tiny_cost\n" + b"".join(b"%d,1,0,0.2,0.1\n" % i for i in range(30)))
    reading = inspect([upload])
    table = finish(reading)
    said = markdown(document(report(table, reading)))
    assert upload.sha256 in said
    assert "| scores.csv | rows | 30 rows | CSV |" in said
    assert "| gpt\\_score | quality | gpt |" in said
    later = report(table)
    assert later.files == ("scores.csv",)
    assert later.columns == report(table, reading).columns


def test_the_conclusions_are_said_in_sentences():
    """Best and cheapest model, saving and bound, and on how many queries they rest."""
    table = outcome_table(("a", "b", "c"), np.array([[i < 10, i < 14, True] for i in range(20)]), cost_usd=np.array([[1, 3, 10]] * 20))
    assert list(conclusion_words(report(table).conclusions)) == [
        "Best model: c, mean quality 100.0 %.",
        "Cheapest model: a, mean cost $1.00 a query.",
        (
            "Mixing two models at random keeps 95 % of the best model's quality and costs 12 % less. "
            "An oracle, which knows every answer beforehand and so is a bound, would cost 59 % less."
        ),
        "These rest on the 20 of 20 queries that every model answered.",
    ]


def test_summaries_count_open_and_settled():
    """One finding is one, several are counted by severity, settled ones apart."""
    error = next(f for f in audit(planted()) if f.id == "zero_cost_with_tokens")
    warning, info = replace(error, severity="warning"), replace(error, severity="info")
    assert summary([error, error, warning, info, replace(info, settled="keep")]) == "5 findings: 2 errors, 1 warning, 1 note; 1 settled."
    assert summary([replace(error, settled="keep")]) == "1 finding: none open; 1 settled."
    assert summary(()) == "No check finds anything."


def test_the_same_table_gives_the_same_report():
    """Two reports of one table are equal, byte for byte, in all forms."""
    for render in (lambda r: markdown(document(r)), lambda r: page(document(r), "t"), lambda r: json.dumps(as_json(r))):
        assert render(report(planted())) == render(report(planted()))


def test_names_and_prompts_cannot_become_html():
    """A script in a model's, file's, set's or query's name, in a prompt or in the history is text, and no tag but ours is there."""
    quoted = '"><img src=x onerror=alert(1)>'
    table = planted((EVIL, quoted), prompt=EVIL, name=EVIL)
    table = replace(table, history=(HistoryLine(action=EVIL, detail=quoted),))
    seen = tags(page(document(report(table)), EVIL))
    assert set(seen.tags) <= {
        "html", "head", "meta", "title", "style", "body", "main", "h1", "h2", "h3", "p", "ul", "li", "div", "table", "thead", "tbody", "tr",
        "th", "td",
    }  # fmt: skip
    assert {name for name, _ in seen.attributes} <= {"lang", "charset", "http-equiv", "content", "name", "class", "tabindex", "scope"}
    assert any(EVIL in said for said in seen.said)


def test_the_page_loads_nothing():
    """No address, import or image is in the page, and its own policy forbids all but its style."""
    html = page(document(report(planted(("https://evil.example/x.js", "b")))), "t")
    assert "default-src 'none'; style-src 'unsafe-inline'" in html
    assert not {"link", "script", "img", "iframe"} & set(tags(html).tags)
    style = html.split("<style>")[1].split("</style>")[0]
    assert "url(" not in style
    assert "@import" not in style
    for words in ("prefers-color-scheme: dark", "@media print"):
        assert words in style


@pytest.mark.parametrize(
    ("words", "shown"),
    [
        ("a|b", "a\\|b"),
        ("<b>x</b>", "&lt;b&gt;x&lt;/b&gt;"),
        ("[x](javascript:alert(1))", "\\[x\\](javascript:alert(1))"),
        ("![x](http://e.example)", "\\!\\[x\\](http&#58;//e.example)"),
        ("www.e.example", "www&#46;e.example"),
        ("*a* _b_ `c`", "\\*a\\* \\_b\\_ \\`c\\`"),
        ("- item", "\\- item"),
        ("1. item", "1\\. item"),
        ("--- rule", "\\--- rule"),
        ("=== under", "\\=== under"),
        ("# title", "\\# title"),
        ("@someone", "&#64;someone"),
        ("&lt;", "&amp;lt;"),
        ("two\nlines", "two lines"),
    ],
)
def test_markdown_marks_are_inert(words, shown):
    """Each mark of Markdown, HTML and autolinks in a text comes out as itself."""
    assert markdown([Paragraph(text=words)]) == f"{shown}\n"


@settings(max_examples=200, deadline=None)
@given(st.lists(st.text(max_size=40), min_size=3, max_size=3))
def test_any_text_stays_within_its_cell(cells):
    """Whatever is in a cell: a Markdown row keeps three cells on one line, a page keeps its tags, a terminal gets no control character."""
    grid = Grid(head=("a", "b", "c"), rows=(tuple(cells),))
    lines = markdown([grid]).rstrip("\n").split("\n")
    assert len(lines) == 3
    assert lines[2].replace("\\\\", "").replace("\\|", "").count("|") == 4
    assert [tag for tag in tags(page([grid], "t")).tags if tag in ("tr", "td", "th")] == ["tr", "th", "th", "th", "tr", "td", "td", "td"]
    said = text([grid])
    said.encode("utf-8")
    assert {unicodedata.category(c) for c in said if c not in "\n\u200c\u200d"}.isdisjoint({"Cc", "Cf", "Cs", "Zl", "Zp"})


@pytest.mark.parametrize("bad", ["\x1b[31mred", "a\u202eb", "a\x00b", "\ud800", "a\u2066b"])
def test_what_cannot_be_seen_is_written_out(bad):
    """Escape sequences, null bytes, half characters and direction marks are shown as their numbers, so the text can be encoded."""
    shown = visible(bad)
    assert "\\u" in shown
    assert shown.isprintable()
    shown.encode("utf-8")


def test_texts_are_cut_and_joined_to_one_line():
    """Long texts end in an ellipsis, lines become one, emoji with joiners stay whole."""
    assert visible("a\n b\tc") == "a b c"
    assert visible("x" * 10, 5) == "xxxx…"
    assert visible("👩\u200d🚀") == "👩\u200d🚀"


def test_a_wide_grid_becomes_lines_in_a_terminal():
    """Where a cell is longer than a terminal takes, each row is an item; else columns are aligned, numbers at the right."""
    wide = Grid(head=("Choice", "Effect"), rows=(("keep", "y" * 90),))
    assert text([wide]).startswith("- keep: yyy")
    narrow = Grid(head=("Name", "n"), rows=(("a", "1"), ("bcdef", "22")), right=(1,))
    assert text([narrow]) == "Name    n\na       1\nbcdef  22\n"


def test_a_percent_sign_stays_with_its_number():
    """A line of text never ends between a number and its percent sign."""
    said = text([Bullets(items=("word " * 18 + "5 % more",)), Heading(text="x", level=3)])
    assert "\n  %" not in said
    assert "5 % more" in said.replace("\n  ", " ")


def test_json_is_plain_and_complete():
    """The JSON form has null for NaN, counts rows from 1, and says what each choice changes."""
    plain = json.loads(json.dumps(as_json(report(planted())), allow_nan=False))
    assert plain["routescope_audit"] == 1
    free = next(each for each in plain["findings"] if each["id"] == "zero_cost_with_tokens")
    assert free["first"][0]["row"] == 3
    assert free["choices"]["keep"]["changes"] == []
    assert any("mean cost of a" in words for words in free["choices"]["repair"]["changes"])
    assert plain["models"][0]["missing"] == 1
    assert plain["models"][0]["mean_latency_s"] is None


def test_a_recorded_set_has_its_report(shared_data):
    """The set of 51 models reads from its folder and is reported with all its models, in every form."""
    reading = opened(shared_data / "zeroeval_crux" / "crux_correct.csv")
    made = report(finish(reading), reading)
    assert len(made.facts.models) == 51
    assert "Llama-3.1-405B-Inst@sambanova" in text(document(made))
    assert "Llama-3.1-405B-Inst&#64;sambanova" in markdown(document(made))
    assert tags(page(document(made), "t")).tags.count("h1") == 1
