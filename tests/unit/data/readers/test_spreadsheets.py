"""Spreadsheets: what a person sees in the sheet is what is read, and what can't be is named with its cell."""

from __future__ import annotations

import contextlib
import datetime as dt
import gzip
import io
import zipfile

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl.styles import Font

from data import load
from data.problems import ProblemError, RouteScopeError
from data.readers.base import Upload
from data.readers.detect import finish, inspect
from data.readers.spreadsheet import kind, read
from data.readers.templates import TEMPLATES

ROWS = [["id", "gpt", "claude"], ["q1", 0.5, 1], ["q2", 0.75, 0]]


def saved(book: openpyxl.Workbook) -> bytes:
    """Return a workbook as the bytes of its file."""
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def workbook(*sheets: tuple[str, list[list[object]]]) -> bytes:
    """Return a workbook with these sheets."""
    book = openpyxl.Workbook()
    book.remove(book.worksheets[0])
    for title, rows in sheets:
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append(row)
    return saved(book)


def changed(data: bytes, part: str, old: str, new: str) -> bytes:
    """Return a workbook with a text in one of its parts replaced; the text has to be there."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as archive, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as again:
        for member in archive.infolist():
            content = archive.read(member)
            if member.filename == part:
                assert old.encode() in content, content[:2000]
                content = content.replace(old.encode(), new.encode())
            again.writestr(member.filename, content)
    return out.getvalue()


def table_of(data: bytes, name: str = "made.xlsx", **options):
    """Return the table of one upload."""
    return load(Upload(name, data), **options)


def refused(data: bytes, words: str, name: str = "made.xlsx", **options) -> ProblemError:
    """Return the refusal of a file; its message holds the words."""
    with pytest.raises(ProblemError, match=words) as caught:
        read(data, name, **options)
    return caught.value


def test_a_sheet_is_read_like_the_same_csv():
    """Ids, scores, costs, answers and tokens of a sheet give the table of the CSV with the same cells."""
    import csv

    template = TEMPLATES["outcomes-wide.csv"]()
    rows = list(csv.reader(io.StringIO(template.decode())))
    typed = [[float(cell) if i and cell.replace(".", "", 1).isdigit() else cell for cell in row] for i, row in enumerate(rows)]
    mine, theirs = table_of(workbook(("outcomes", typed))), load(Upload("a.csv", template))
    assert mine.models == theirs.models
    for name, values in theirs.numbers.items():
        assert mine.numbers[name].tolist() == values.tolist()
    assert mine.queries.prompts.to_list() == theirs.queries.prompts.to_list()


@pytest.mark.parametrize("name", ["a.xlsx", "a.xlsm", "renamed.csv", "noname", "a.zip"])
def test_a_workbook_is_known_by_its_content(name):
    """The name plays no part: a workbook reads under any."""
    reading = inspect([Upload(name, workbook(("s", ROWS)))])
    assert reading.table.numbers["quality"].tolist() == [[0.5, 1], [0.75, 0]]
    assert reading.files[0].format == "XLSX"


def test_a_workbook_in_a_zip_a_folder_and_gzip(tmp_path):
    """A workbook reads from within an archive, from a folder, and compressed."""
    data, out = workbook(("s", ROWS)), io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("deep/outcomes.xlsx", data)
    (tmp_path / "outcomes.xlsx").write_bytes(data)
    for each in (Upload("set.zip", out.getvalue()), tmp_path, Upload("a.xlsx.gz", gzip.compress(data))):
        assert load(each).numbers["quality"].tolist() == [[0.5, 1], [0.75, 0]]


def test_blank_lines_notes_and_spare_formatting_are_no_data():
    """Lines above the header, blank rows and formatted but empty cells to the right and below are passed over; rows keep their numbers."""
    book = openpyxl.Workbook()
    sheet = book.active
    for row in [["Results of October"], [], *ROWS[:2], [], ["q2", "high", 0]]:
        sheet.append(row)
    sheet.cell(40, 9).font = Font(bold=True)
    reading = inspect([Upload("a.xlsx", saved(book))])
    assert [column.name for column in reading.columns] == ["id", "gpt", "claude"]
    assert reading.sheet.rows.tolist() == [1, 3]  # as counted under the header in the sheet
    assert [warning.what for warning in reading.warnings] == ["the lines above the header are not read."]
    assert [(problem.row, problem.column) for problem in reading.problems] == [(3, "gpt")]


def test_the_first_table_is_taken_and_the_others_are_named():
    """Empty, hidden and text-only sheets are passed over; of several tables the first is read, and the note names the rest."""
    data = workbook(("about", [["made by hand"], ["in May"]]), ("empty", []), ("hidden", ROWS), ("scores", ROWS), ("more", ROWS))
    book = openpyxl.load_workbook(io.BytesIO(data))
    book["hidden"].sheet_state = "hidden"
    sheet = read(saved(book), "a.xlsx")
    assert len(sheet) == 2
    assert [warning.what for warning in sheet.warnings] == ["the sheet 'scores' is read, 'more' not."]
    refused(workbook(("a", []), ("b", [["only one line", 1]])), "no sheet has a table")


def test_values_as_a_person_sees_them():
    """Booleans, dates, times, durations, percentages and whole numbers keep their value; a date without a time is a day."""
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(["flag", "day", "moment", "clock", "took", "share", "count", "mixed"])
    moment = dt.datetime.fromisoformat("2024-05-01T12:30:00")
    sheet.append([True, dt.date(2024, 5, 1), moment, dt.time(8, 15), dt.timedelta(minutes=1, seconds=30), 0.85, 3, "three"])
    sheet.append([False, dt.date(2024, 5, 2), moment, dt.time(8, 15), dt.timedelta(seconds=2), 1, 4, 5])
    sheet["F2"].number_format = "0 %"
    columns = {name: column.to_pylist() for name, column in read(saved(book), "a.xlsx").columns.items()}
    assert columns == {
        "flag": [True, False], "day": ["2024-05-01", "2024-05-02"], "moment": ["2024-05-01T12:30:00"] * 2, "clock": ["08:15:00"] * 2,
        "took": [90.0, 2.0], "share": [0.85, 1.0], "count": [3, 4], "mixed": ["three", "5"],
    }  # fmt: skip


def test_formulas_have_the_value_that_was_last_calculated():
    """A formula with a stored value is that value; one without is a problem with its cell, row and column, and its row is left out."""
    data = workbook(("s", [*ROWS, ["q3", "=B2+0.25", 1], ["q4", "=1/3", 0]]))
    data = changed(data, "xl/worksheets/sheet1.xml", "<f>B2+0.25</f><v />", "<f>B2+0.25</f><v>0.625</v>")
    reading = inspect([Upload("a.xlsx", data)])
    [problem] = reading.problems
    assert (problem.row, problem.column) == (4, "gpt")
    assert problem.what == "cell B5 holds a formula that was never calculated."
    table = finish(reading, drop_bad_rows=True)
    assert list(table.queries.ids) == ["q1", "q2", "q3"]
    assert table.quality("gpt").tolist() == [0.5, 0.75, 0.625]
    refused(workbook(("s", [ROWS[0], ["q1", "=1/3", 0]])), "B2 holds a formula that was never calculated")


def test_error_cells_are_problems():
    """A cell that shows an error is named with its error; the other rows are read."""
    data = workbook(("s", [*ROWS, ["q3", "#DIV/0!", 1], ["q4", 0.5, "#N/A"]]))
    assert b't="e"' in zipfile.ZipFile(io.BytesIO(data)).read("xl/worksheets/sheet1.xml")
    reading = inspect([Upload("a.xlsx", data)])
    assert [(p.row, p.column, p.what) for p in reading.problems] == [
        (3, "gpt", "cell B4 holds the error #DIV/0!."),
        (4, "claude", "cell C5 holds the error #N/A."),
    ]
    assert len(reading.table) == 2


def test_merged_headings_name_their_columns():
    """A heading merged over the columns of a model is part of their names; an id merged downwards keeps its own."""
    book = openpyxl.Workbook()
    sheet = book.active
    heads = [["id", "gpt", None, "claude", None], [None, "score", "cost_usd", "score", "cost_usd"]]
    for row in [*heads, ["q1", 1, 0.1, 0, 0.2], ["q2", 0, 0.3, 1, 0.4]]:
        sheet.append(row)
    for place in ("A1:A2", "B1:C1", "D1:E1"):
        sheet.merge_cells(place)
    table = table_of(saved(book))
    assert table.models == ("gpt", "claude")
    assert table.numbers["quality"].tolist() == [[1, 0], [0, 1]]
    assert table.cost_usd("gpt").tolist() == pytest.approx([0.1, 0.3])
    assert table.cost_usd("claude").tolist() == pytest.approx([0.2, 0.4])


def test_merged_cells_count_for_each_of_their_rows():
    """A prompt merged over the rows of its models belongs to each of them."""
    book = openpyxl.Workbook()
    sheet = book.active
    for row in [["prompt", "model", "score"], ["Why?", "gpt", 1], [None, "claude", 0], ["How?", "gpt", 0], [None, "claude", 1]]:
        sheet.append(row)
    sheet.merge_cells("A2:A3")
    sheet.merge_cells("A4:A5")
    table = table_of(saved(book))
    assert table.queries.prompts.to_list() == ["Why?", "How?"]
    assert table.numbers["quality"].tolist() == [[1, 0], [0, 1]]


def test_columns_without_and_with_the_same_name():
    """A column without a name is numbered; two columns of one name are refused."""
    assert list(read(workbook(("s", [["id", None, "gpt"], ["q1", "x", 1], ["q2", "y", 0, "z"]])), "a.xlsx").columns) == [
        "id", "column 2", "gpt", "column 4"
    ]  # fmt: skip
    error = refused(workbook(("s", [["id", "gpt", "gpt"], ["q1", 1, 1]])), "occurs more than once")
    assert (error.problems[0].row, error.problems[0].column) == (0, "gpt")


def test_ten_thousand_columns_are_refused():
    """A sheet too wide is refused in words, whether its header or only a row is."""
    wide = [f"m{i}" for i in range(10_000)]
    refused(workbook(("s", [wide, [1] * 10_000])), "10,000 columns")
    refused(workbook(("s", [ROWS[0], [1] * 10_000])), "more than 2,000 columns")


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), r"old Excel format \(\.xls\)"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(100) + "EncryptedPackage".encode("utf-16-le"), "locked with a password"),
        (b"PK\x03\x04rest", "damaged spreadsheet"),
        (workbook(("s", ROWS))[:-40], "damaged spreadsheet"),
    ],
)
def test_other_files_of_spreadsheet_programs_are_refused_in_words(data, words):
    """Old, locked and damaged spreadsheets say what they are and what to do."""
    with pytest.raises(ProblemError, match=words) as caught:
        load(Upload("a.xlsx", data))
    assert all(problem.fix for problem in caught.value.problems)


def zipped(**members: bytes) -> bytes:
    """Return an archive of members; `__` in a name stands for a slash, `_X` at its end for an extension."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name.replace("__", "/").replace("_dot_", "."), content)
    return out.getvalue()


def test_ods_and_xlsb_are_told_apart():
    """OpenDocument and binary workbooks are named by their extension, a plain archive is none."""
    ods = zipped(
        mimetype=b"application/vnd.oasis.opendocument.spreadsheet", content_dot_xml=b"<x/>", **{"META-INF__manifest_dot_xml": b"<x/>"}
    )
    xlsb = zipped(xl__workbook_dot_bin=b"\x00")
    assert (kind(ods), kind(xlsb), kind(zipped(a_dot_csv=b"id")), kind(b"id,gpt")) == ("ods", "xlsb", "", "")
    refused(ods, r"\(\.ods\)")
    refused(xlsb, r"\(\.xlsb\)")


def test_a_bomb_is_noticed_while_it_inflates():
    """A sheet of a few kilobytes that inflates beyond the limit is refused, also if the archive understates its size."""
    data = changed(workbook(("s", ROWS)), "xl/worksheets/sheet1.xml", "</sheetData>", "</sheetData>" + " " * (60 << 20))
    assert len(data) < 1 << 20
    refused(data, "larger than 50 MB", limit_bytes=50 << 20)
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        real = archive.getinfo("xl/worksheets/sheet1.xml").file_size
    lying = data.replace(real.to_bytes(4, "little"), (1000).to_bytes(4, "little"))
    assert lying != data
    refused(lying, "damaged|larger than|can't be read", limit_bytes=50 << 20)


def test_one_long_text_in_many_cells_is_over_the_limit():
    """Shared text is stored once and shown often: what it would become counts."""
    rows = [["id", "prompt", "gpt"], *([f"q{i}", "x" * 30_000, 1] for i in range(200))]
    data = workbook(("s", rows))
    assert len(data) < 100_000
    refused(data, "larger than 5 MB", limit_bytes=5 << 20)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
@pytest.mark.parametrize("part", ["xl/worksheets/sheet1.xml", "xl/workbook.xml", "[Content_Types].xml"])
def test_entities_are_refused_at_once(part, encoding):
    """A billion laughs in any part of the workbook is refused in words and in no time, in any encoding."""
    lines = "".join(f'<!ENTITY l{i} "{f"&l{i - 1};" * 10}">' for i in range(1, 10))
    laughs = f'<?xml version="1.0" encoding="{encoding}"?><!DOCTYPE x [<!ENTITY l0 "lol">{lines}]><x>&l9;</x>'
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(workbook(("s", ROWS)))) as archive, zipfile.ZipFile(out, "w") as again:
        for member in archive.infolist():
            again.writestr(member.filename, laughs.encode(encoding) if member.filename == part else archive.read(member))
    refused(out.getvalue(), "defines entities")


def test_a_sheet_that_claims_to_be_endless_is_none():
    """Row numbers and dimensions beyond what the format allows cost no time: the first are refused, the second ignored."""
    data = workbook(("s", ROWS))
    dimension = changed(data, "xl/worksheets/sheet1.xml", 'ref="A1:C3"', 'ref="A1:XFD1048576"')
    assert read(dimension, "a.xlsx").rows.tolist() == [1, 2]
    far = changed(data, "xl/worksheets/sheet1.xml", '<row r="3">', '<row r="99999999999">')
    refused(far, "more than 1,048,576 rows|can't be read")


def test_merged_ranges_over_everything_are_filled_within_reason():
    """Merged ranges as large as the sheet may be cost no more than the rows that are there."""
    merged = '</sheetData><mergeCells count="1"><mergeCell ref="A2:XFD1048576"/></mergeCells>'
    sheet = read(changed(workbook(("s", ROWS)), "xl/worksheets/sheet1.xml", "</sheetData>", merged), "a.xlsx")
    assert list(sheet.columns) == ["id", "gpt", "claude"]
    many = "".join(f'<mergeCell ref="A{i}:XFD1048576"/>' for i in range(2, 4000))
    rows = [ROWS[0], *([f"q{i}", 1, 0] for i in range(4000))]
    data = changed(workbook(("s", rows)), "xl/worksheets/sheet1.xml", "</sheetData>", f"</sheetData><mergeCells>{many}</mergeCells>")
    refused(data, "too many cells are merged")


def test_many_errors_stop_the_reading():
    """A sheet full of errors is refused with the first thousand of them, not collected to the end."""
    error = refused(workbook(("s", [ROWS[0], *([f"q{i}", "#REF!", 1] for i in range(3000))])), "error #REF!")
    assert 1000 < len(error.problems) < 1010


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.sampled_from(["xl/worksheets/sheet1.xml", "xl/workbook.xml", "xl/styles.xml", "xl/sharedStrings.xml", "[Content_Types].xml"]),
    st.integers(0, 10**6),
    st.binary(max_size=12),
    st.integers(0, 40),
)
def test_a_damaged_workbook_reads_or_is_refused(part, at, new, cut):
    """Bytes of any part replaced, added or taken out: a sheet or our own error, nothing else."""
    data = workbook(("s", [*ROWS, ["q3", "=1+1", dt.date(2024, 5, 1)]]))
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as archive, zipfile.ZipFile(out, "w") as again:
        for member in archive.infolist():
            content = archive.read(member)
            if member.filename == part:
                at %= len(content)
                content = content[:at] + new + content[at + cut :]
            again.writestr(member.filename, content)
    with contextlib.suppress(RouteScopeError):
        assert inspect([Upload("a.xlsx", out.getvalue())]).sheet.format == "XLSX"
