"""Documents made to harm: each ends in bounded time and memory, with an issue that says why.

Containers have theirs in ``tests/unit/test_containers.py``, texts made to take long in
``tests/fuzzing.py``. What is measured here is a reader's own work, in a process that may not have
more than two gigabytes.
"""

import io
import json
import subprocess
import sys
import time
import zipfile
import zlib
from pathlib import Path

import pytest

from loaders.form import Form
from loaders.parse import parse
from loaders.read import decode
from tests.documents import TITLE, to_docx, to_pdf, to_xlsx
from tests.fuzzing import bound_seconds

ROOT = Path(__file__).resolve().parents[2]
GRID = {"requests": [["一、本年新收", "1", "2"], ["二、上年结转", "3", "4"]]}
_SWELLING = "".join(f"<!ENTITY a{n} '{f'&a{n - 1};' * 10}'>" for n in range(1, 12))
ENTITIES = f"<!DOCTYPE x [<!ENTITY a0 'lol'>{_SWELLING}]>"
OUTSIDE = f"<!DOCTYPE x [<!ENTITY a11 SYSTEM 'file://{ROOT}/pyproject.toml'>]>"


def repack(data: bytes, name: str, change) -> bytes:
    """A ZIP with one member changed."""
    target = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(data)) as old,
        zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for entry in old.infolist():
            content = old.read(entry)
            new.writestr(entry.filename, change(content) if entry.filename == name else content)
    return target.getvalue()


def with_entities(data: bytes, name: str, doctype: str) -> bytes:
    def plant(content: bytes) -> bytes:
        head, mark, body = content.partition(b"?>")
        head, body = (head + mark, body) if mark else (b"", content)
        return head + doctype.encode() + body.replace("本年新收".encode(), b"&a11;")

    return repack(data, name, plant)


SHEET = "xl/worksheets/sheet1.xml"


def merged(*references: str) -> bytes:
    cells = "".join(f'<mergeCell ref="{reference}"/>' for reference in references)
    block = f"<mergeCells>{cells}</mergeCells>".encode()
    return repack(
        to_xlsx(GRID), SHEET, lambda c: c.replace(b"<pageMargins", block + b"<pageMargins")
    )


def far_cells(count: int) -> bytes:
    rows = "".join(f'<row r="{n}"><c r="XFD{n}"><v>1</v></c></row>' for n in range(9, 9 + count))
    return repack(
        to_xlsx(GRID), SHEET, lambda c: c.replace(b"</sheetData>", rows.encode() + b"</sheetData>")
    )


def word_span(columns: int) -> bytes:
    cell = f'<w:gridSpan w:val="{columns}"/>'.encode()
    return repack(
        to_docx(GRID), "word/document.xml", lambda c: c.replace(b"<w:tcPr>", b"<w:tcPr>" + cell, 1)
    )


def word_nested(depth: int) -> bytes:
    opening = b"<w:tbl><w:tblPr/><w:tblGrid/><w:tr><w:tc>" * depth
    closing = b"<w:p/></w:tc></w:tr></w:tbl>" * depth
    return repack(
        to_docx(GRID),
        "word/document.xml",
        lambda c: c.replace(b"<w:sectPr", opening + b"<w:p/>" + closing + b"<w:sectPr", 1),
    )


def word_merged_down(rows: int) -> bytes:
    row = b"<w:tr><w:tc><w:tcPr><w:vMerge/></w:tcPr><w:p/></w:tc></w:tr>" * rows
    table = b"<w:tbl><w:tblPr/><w:tblGrid/>" + row + b"</w:tbl>"
    return repack(
        to_docx(GRID),
        "word/document.xml",
        lambda c: c.replace(b"<w:sectPr", table + b"<w:sectPr", 1),
    )


def pdf(*objects: bytes) -> bytes:
    """A PDF of the objects given, numbered from 1; the first is the catalogue."""
    body, places = b"%PDF-1.4\n", []
    for number, content in enumerate(objects, start=1):
        places.append(len(body))
        body += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    head = b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    tail = b"trailer\n<</Size %d /Root 1 0 R>>\nstartxref\n%d\n%%%%EOF" % (
        len(objects) + 1,
        len(body),
    )
    return body + head + table + tail


def stream(content: bytes, extra: bytes = b"/Filter /FlateDecode") -> bytes:
    return b"<</Length %d %s>>\nstream\n%s\nendstream" % (len(content), extra, content)


def page(content: bytes) -> bytes:
    return pdf(
        b"<</Type /Catalog /Pages 2 0 R>>",
        b"<</Type /Pages /Kids [3 0 R] /Count 1>>",
        b"<</Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources <<>> >>",
        content,
    )


def bomb(size: int) -> bytes:
    packer = zlib.compressobj(1)
    return (
        b"".join(packer.compress(b" " * 1_000_000) for _ in range(size // 1_000_000))
        + packer.flush()
    )


def lattice(count: int) -> bytes:
    lines = b"".join(
        b"%.2f 0 m %.2f 842 l S 0 %.2f m 595 %.2f l S\n"
        % ((n / count * 595,) * 2 + (n / count * 842,) * 2)
        for n in range(count)
    )
    return page(stream(zlib.compress(lines)))


def with_font(*objects: bytes) -> bytes:
    """A page of one word in a font of many characters; further objects are numbered from 7."""
    return pdf(
        b"<</Type /Catalog /Pages 2 0 R>>",
        b"<</Type /Pages /Kids [3 0 R] /Count 1>>",
        b"<</Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R "
        b"/Resources <</Font <</F 5 0 R>> >> >>",
        stream(b"BT /F 12 Tf 72 720 Td <00410042> Tj ET", b""),
        b"<</Type /Font /Subtype /Type0 /BaseFont /A /Encoding /Identity-H "
        b"/DescendantFonts [6 0 R] /ToUnicode 7 0 R>>",
        *objects,
    )


def font(widths: bytes) -> bytes:
    return (
        b"<</Type /Font /Subtype /CIDFontType2 /BaseFont /A /CIDSystemInfo <</Registry (Adobe) "
        b"/Ordering (Identity) /Supplement 0>> /FontDescriptor <</Type /FontDescriptor "
        b"/FontName /A /Flags 4 /FontBBox [0 0 9 9]>> %s>>" % widths
    )


def meanings(ranges: bytes) -> bytes:
    return stream(b"begincmap %s endcmap" % ranges, b"")


FONTS = {
    "widths": with_font(font(b"/W [1 99999999999 500]"), meanings(b"")),
    "many widths": with_font(
        font(b"/W [%s]" % b" ".join(b"%d %d 9" % (n << 16, (n + 1) << 16) for n in range(9_000))),
        meanings(b""),
    ),
    "meanings": with_font(
        font(b""), meanings(b"1 beginbfrange <00000000> <ffffffff> <0041> endbfrange")
    ),
    "codes": with_font(font(b""), meanings(b"1 begincidrange <00000000> <ffffffff> 0 endcidrange")),
}
LOOPS = {
    "pages": pdf(
        b"<</Type /Catalog /Pages 2 0 R>>",
        b"<</Type /Pages /Kids [2 0 R 3 0 R] /Count 9>>",
        b"<</Type /Pages /Kids [2 0 R] /Parent 3 0 R>>",
    ),
    "length": pdf(
        b"<</Type /Catalog /Pages 2 0 R>>",
        b"<</Type /Pages /Kids [3 0 R] /Count 1>>",
        b"<</Type /Page /Parent 2 0 R /Contents 4 0 R>>",
        b"<</Length 4 0 R>>\nstream\nx\nendstream",
    ),
    "previous table": pdf(b"<</Type /Catalog /Pages 2 0 R>>").replace(b"/Root", b"/Prev 9 /Root"),
    "references": pdf(b"<</Type /Catalog /Pages 2 0 R>>", b"3 0 R", b"2 0 R"),
    "forms": page(stream(zlib.compress(b"/X Do"))).replace(
        b"/Resources <<>>", b"/Resources <</XObject <</X 5 0 R>> >>"
    )
    + b"\n5 0 obj\n"
    + stream(
        b"/X Do",
        b"/Type /XObject /Subtype /Form /BBox [0 0 9 9] /Resources <</XObject <</X 5 0 R>> >>",
    )
    + b"\nendobj\n",
}
HARMFUL = {
    "docx with swelling entities": lambda: with_entities(
        to_docx(GRID), "word/document.xml", ENTITIES
    ),
    "xlsx with swelling entities": lambda: with_entities(to_xlsx(GRID), SHEET, ENTITIES),
    "shared strings with swelling entities": lambda: with_entities(
        to_xlsx(GRID), "xl/sharedStrings.xml", ENTITIES
    ),
    "docx with an outside entity": lambda: with_entities(
        to_docx(GRID), "word/document.xml", OUTSIDE
    ),
    "xlsx with an outside entity": lambda: with_entities(
        to_xlsx(GRID), "xl/sharedStrings.xml", OUTSIDE
    ),
    "a sheet merged whole": lambda: merged("A1:XFD1048576"),
    "a sheet merged often": lambda: merged(*[f"A{n}:IV{n + 5000}" for n in range(2000)]),
    "a sheet with cells far to the right": lambda: far_cells(15_000),
    "a sheet with millions of rows": lambda: far_cells(600_000),
    "a cell over a billion columns": lambda: word_span(1_000_000_000),
    "tables in tables in Word": lambda: word_nested(60),
    "tables nested beyond any stack": lambda: word_nested(100_000),
    "cells merged downwards": lambda: word_merged_down(20_000),
    "a PDF that swells": lambda: page(stream(bomb(1_000_000_000))),
    "a PDF that swells twice": lambda: page(
        stream(zlib.compress(bomb(300_000_000)), b"/Filter [/FlateDecode /FlateDecode]")
    ),
    "a broken PDF that swells": lambda: page(stream(bomb(300_000_000)[:-9])),
    "a page ruled a thousandfold": lambda: lattice(1_000),
    **{f"a PDF font without end: {name}": lambda data=data: data for name, data in FONTS.items()},
    **{f"a PDF with a loop of {name}": lambda data=data: data for name, data in LOOPS.items()},
}


READER = """
import json, logging, resource, signal, sys, time
from pathlib import Path
from loaders.read import decode

def stop(number, frame):
    raise KeyboardInterrupt("took too long")

logging.disable(50)
resource.setrlimit(resource.RLIMIT_AS, (2 * 1024**3, 2 * 1024**3))
signal.signal(signal.SIGVTALRM, stop)
for path in map(Path, sys.argv[1:]):
    start = time.process_time()
    signal.setitimer(signal.ITIMER_VIRTUAL, 30)
    try:
        read = decode(path.read_bytes())
        told = [read.issue_code, read.reason, len(read.text or ""), (read.text or "")[:5000]]
    except BaseException as error:
        told = ["", type(error).__name__, -1, ""]
    print(json.dumps([*told, time.process_time() - start]), flush=True)
"""


@pytest.fixture(scope="module")
def readings(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple]:
    """All of them read in one process, under a limit on memory and a clock each."""
    folder = tmp_path_factory.mktemp("harmful")
    paths = [folder / f"{number:02}" for number in range(len(HARMFUL))]
    for path, make in zip(paths, HARMFUL.values(), strict=True):
        path.write_bytes(make())
    command = [sys.executable, "-c", READER, *map(str, paths)]
    done = subprocess.run(
        command, capture_output=True, cwd=ROOT, timeout=600, check=True, text=True
    )
    lines = map(json.loads, done.stdout.splitlines())
    return dict(zip(HARMFUL, map(tuple, lines), strict=True))


@pytest.mark.parametrize("name", HARMFUL)
def test_it_is_read_or_refused_in_bounds(name, readings):
    code, reason, size, text, seconds = readings[name]
    assert size >= 0 and seconds < 25, reason
    assert bool(code) == (size == 0)
    assert not code or reason
    # Nothing of another file, nothing out of proportion, and no end of memory.
    assert "gongkai" not in text and size < 5_000_000
    assert "MemoryError" not in reason


def test_what_is_harmless_about_them_is_read(form: Form):
    """The bounds leave real files alone: what stands beside a huge claim is still there."""
    for data in (far_cells(10), merged("A3:B3"), word_span(5), word_nested(3), word_merged_down(3)):
        text = decode(data).text
        assert TITLE in text and "本年新收" in text and "| 二、上年结转 | 3 | 4 |" in text
    assert "本年新收" in decode(to_pdf(GRID)).text
    two = meanings(b"1 beginbfrange <0041> <0042> <0041> endbfrange")
    assert "AB" in decode(with_font(font(b"/W [1 65535 500]"), two)).text


BIDI, NUL = "\u202e", "\x00"
REPORT = (
    f"{TITLE}\n一、总体情况\n三、收到和处理政府信息公开申请情况\n"
    "| 申请人情况 | 自然人 | 总计 |\n| 一、本年新收政府信息公开申请数量 | 12 | 12 |\n"
)


@pytest.mark.parametrize(
    "data",
    [
        REPORT.replace("12", f"1{NUL}2").encode(),
        REPORT.replace("12", f"{BIDI}12").encode(),
        REPORT.replace("自然人", "自\u200b然\u200d人\ufeff").encode(),
        REPORT.encode() + "另见附件".encode("gb18030") * 20,
        REPORT.encode("utf-16-le") + REPORT.encode(),
        REPORT.encode("gb18030") + b"\xff\xfe\xfd" * 100,
        (REPORT + "\ud800").encode("utf-8", "surrogatepass"),
        REPORT.replace("\n", "\r").encode(),
        REPORT.replace("\n", "\u2028").encode(),
        ("\x1b[2J\x1b]0;x\x07" + REPORT).encode(),
    ],
)
def test_odd_characters_make_no_figure_and_are_told(data, form: Form):
    parsed = parse(data, "text/plain", form)
    values = {str(cell.value) for cell in parsed.cells if cell.value is not None}
    assert values <= {"12", "12.000000"}
    # Either every figure was read, or something says why not.
    assert values or parsed.issues


def test_many_unknown_labels_take_time_in_proportion(form: Form):
    text = REPORT + "".join(f"| 事项{n}名称 | 1 | 2 |\n" for n in range(5_000))
    start = time.process_time()
    parsed = parse(text.encode(), "text/plain", form)
    assert time.process_time() - start < bound_seconds(len(text))
    assert parsed.issues
