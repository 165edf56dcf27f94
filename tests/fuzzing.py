"""Bytes that nobody would publish: mutants of real-looking documents, and documents made to take long."""

import gzip
import io
import json
import lzma
import re
import zipfile
from collections.abc import Callable, Sequence
from random import Random

from loaders.form import Form
from loaders.rows import Parsed
from tests.documents import to_csv, to_docx, to_html, to_pdf, to_xlsx
from tests.drawing import draw_form
from tests.layouts import (
    cell_per_line,
    glued_rows,
    one_line,
    pipe_rows,
    space_rows,
    write_report,
)
from tests.packing import parquet_bytes, tar_bytes, warc_bytes, zip_bytes
from tests.spoiling import in_traditional_script

TITLE = "青溪县人民政府2021年政府信息公开工作年度报告\n一、总体情况\n"
REQUESTS = "三、收到和处理政府信息公开申请情况\n申请人情况 自然人 法人或其他组织 总计\n商业企业 科研机构 社会公益组织 法律服务机构 其他\n"
_HTML = "<html><body>"
_TOKENS = (
    "2.重复申请", "|", "\n", "\t", "0", "１２", "12345678901234567890", "一、", "(一)", "2021年", "，", "。",
    "申请人情况", "第二十条第(一)项", "统计指标", "总计", "自然人", "《", "》", "<table>", "</td>", "<td colspan=9999>",
    "\x00", "\ufeff", "\u202e", "\ud7ff", "①", "½", "无", "-", "/", "****", "万元", "99999999999999万亿件",
    "1.2.3.4", "1,2,3,4", "百分之", "其中", "共收到申请12件", "政府信息公开工作年度报告", "%PDF-", "PK\x03\x04",
)  # fmt: skip

Maker = Callable[[int], str]
_PLAIN, _PAGE = "text/plain", "text/html"
SLOW: dict[str, tuple[str, Maker]] = {
    "labels": (_PLAIN, lambda n: TITLE + REQUESTS + "2.重复申请 " * n),
    "labels on lines": (_PLAIN, lambda n: TITLE + REQUESTS + "2.重复申请\n" * n),
    "pipes": (_PLAIN, lambda n: TITLE + REQUESTS + "|" * n * 5),
    "lines of pipes": (_PLAIN, lambda n: TITLE + REQUESTS + "|\n" * n * 3),
    "titles": (_PLAIN, lambda n: TITLE * (n // 5)),
    "titles of many bodies": (
        _PLAIN,
        lambda n: "".join(
            f"甲{chr(0x4E00 + i % 9000)}县{2010 + i % 9}年政府信息公开工作年度报告\n"
            for i in range(n // 5)
        ),
    ),
    "headings": (_PLAIN, lambda n: TITLE + "一、总体情况\n二、主动公开\n" * (n // 2)),
    "anchors": (_PLAIN, lambda n: TITLE + "申请人情况\n" * n),
    "anchors of lists": (_PLAIN, lambda n: TITLE + "统计指标 单位 统计数\n" * n),
    "anchors of article 20": (_PLAIN, lambda n: TITLE + "第二十条第(一)项\n" * n),
    "anchors in turn": (_PLAIN, lambda n: TITLE + "申请人情况\n统计指标 单位\n" * (n // 2)),
    "unknown rows": (
        _PLAIN,
        lambda n: TITLE + REQUESTS + "".join(f"|{chr(0x4E00 + i % 9000)}某事项|1|2|\n" for i in range(n)),
    ),
    "a long line": (_PLAIN, lambda n: TITLE + "本年度主动公开信息12件收到申请3件" * n),
    "a line of clauses": (_PLAIN, lambda n: TITLE + "收到申请,1件," * n),
    "open brackets": (_PLAIN, lambda n: TITLE + "收到申请12件,其中3件(其中4件," * (n // 2)),
    "sentences": (_PLAIN, lambda n: TITLE + "收到政府信息公开申请12件。" * (n // 4)),
    "digits": (_PLAIN, lambda n: TITLE + "1234567890" * n),
    "digits in a row": (_PLAIN, lambda n: TITLE + REQUESTS + "2.重复申请" + "1234567890" * n),
    "figures in a row": (_PLAIN, lambda n: TITLE + REQUESTS + "2.重复申请" + "1 23 0 " * n),
    "blanks": (_PLAIN, lambda n: TITLE + " " * n * 10),
    "empty lines": (_PLAIN, lambda n: TITLE + "\n" * n * 10),
    "broken words": (_PLAIN, lambda n: TITLE + REQUESTS + "重\n复\n" * n),
    "tasks": (
        _PLAIN,
        lambda n: "青溪县2021年政务公开工作要点\n" + "1.做好公开。(牵头单位:办公室;责任单位:各局)\n" * (n // 4),
    ),
    "a deep page": (_PAGE, lambda n: _HTML + "<div>" * n + "x" + "</div>" * n),
    "tables in tables": (_PAGE, lambda n: _HTML + "<table><tr><td>1" * (n // 4)),
    "many tables": (
        _PAGE,
        lambda n: _HTML + TITLE + "<table><tr><td>2.重复申请</td><td>1</td></tr></table>" * (n // 2),
    ),
    "a wide row": (_PAGE, lambda n: _HTML + TITLE + "<table><tr>" + "<td>1</td>" * n),
    "huge spans": (
        _PAGE,
        lambda n: _HTML + TITLE + "<table>" + "<tr><td rowspan=60000 colspan=1000>1</td></tr>" * (n // 2),
    ),
    "a long CSV": ("text/csv", lambda n: "x,1\n" * n * 3),
}  # fmt: skip


def bound_seconds(size: int) -> float:
    """What a document of some bytes may take: generous, for a slow and shared machine."""
    return 4.0 + size / 100_000


def seeds_of(form: Form) -> list[tuple[str, bytes]]:
    """Real-looking documents of every format."""
    found = []
    for number, form_id in enumerate(
        ("national_2021", "national_2019", "national_2014", "provincial_fujian")
    ):
        drawn = draw_form(Random(number), form, form_id)
        grids = {table.table_code: table.grid for table in drawn}
        for layout in (pipe_rows, cell_per_line, space_rows, one_line, glued_rows):
            text = write_report({code: layout(grid) for code, grid in grids.items()})
            found.append((_PLAIN, text.encode()))
        found.append((_PLAIN, in_traditional_script(text).encode("utf-16")))
        found.append((_PLAIN, text.encode("gb18030")))
        found.append((_PAGE, to_html(grids)))
        found.append(("text/csv", to_csv(grids)))
        if number == 3:
            # Small ones: what is packed takes long to make and is mostly broken by a change.
            found += [(kind, make(grids)) for kind, make in (
                ("application/pdf", to_pdf), ("", to_docx), ("", to_xlsx),
            )]  # fmt: skip
    return found


def mutate(random: Random, data: bytes, others: Sequence[bytes]) -> bytes:
    """A few changes of any size at any place."""
    for _ in range(random.choice((1, 1, 2, 4, 16))):
        at = random.randrange(len(data) + 1)
        end = min(len(data), at + int(random.expovariate(1 / 40)))
        kind = random.randrange(7)
        if kind == 0:
            data = data[:at] + data[end:]
        elif kind == 1:
            data = data[:at] + data[at:end] * random.choice((2, 3, 30)) + data[end:]
        elif kind == 2:
            data = data[:at] + random.randbytes(random.randrange(1, 8)) + data[end:]
        elif kind == 3:
            token = random.choice(_TOKENS).encode("utf-8", "surrogatepass")
            data = data[:at] + token * random.choice((1, 1, 3, 100)) + data[at:]
        elif kind == 4:
            other = random.choice(others)
            start = random.randrange(len(other))
            data = data[:at] + other[start : start + random.randrange(3000)] + data[end:]
        elif kind == 5:
            data = data[:at]
        else:
            lines = data.split(b"\n")
            random.shuffle(lines)
            data = b"\n".join(lines)
    return data


def mutate_within(random: Random, data: bytes, others: Sequence[bytes]) -> bytes:
    """A change inside a packed file, which a change of its bytes would only break.

    One member of an office file or archive is mutated and packed again, or one stream of a PDF.
    """
    if data.startswith(b"PK"):
        try:
            with zipfile.ZipFile(io.BytesIO(data)) as archive:
                members = [(entry.filename, archive.read(entry)) for entry in archive.infolist()]
        except Exception:
            return mutate(random, data, others)
        chosen = random.randrange(len(members))
        target = io.BytesIO()
        with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
            for number, (name, content) in enumerate(members):
                if number == chosen:
                    content = mutate(random, content, [other for _, other in members])
                archive.writestr(name, content)
        return target.getvalue()
    if data.startswith(b"%PDF"):
        # Numbers of a PDF are its structure: sizes, places, references.
        numbers = list(re.finditer(rb"\d+", data))
        for found in sorted(random.sample(numbers, min(3, len(numbers))), key=lambda m: -m.start()):
            other = random.choice((b"0", b"1", b"-1", b"99999999999", random.choice(numbers)[0]))
            data = data[: found.start()] + other + data[found.end() :]
        return data
    return mutate(random, data, others)


def containers_of(reports: Sequence[bytes]) -> list[tuple[str, bytes]]:
    """A container of every kind that holds some documents, with a name that tells its kind."""
    members = {f"{number}.txt": data for number, data in enumerate(reports)}
    archive = zip_bytes(members)
    rows = [
        {"url": "http://a.gov.cn/1", "text": data.decode("utf-8", "replace")} for data in reports
    ]
    lines = "\n".join(json.dumps(row, ensure_ascii=False) for row in rows).encode()
    table = parquet_bytes({name: [row[name] for row in rows] for name in ("url", "text")})
    pages = [("http://a.gov.cn/", [("Content-Type", "text/plain")], data) for data in reports]
    return [
        ("a.zip", archive),
        ("a.tar", tar_bytes(members)),
        ("a.tar.gz", gzip.compress(tar_bytes(members))),
        ("a.txt.xz", lzma.compress(reports[0])),
        ("nested.zip", zip_bytes({"inner.zip": archive, "b.txt": reports[0]})),
        ("a.jsonl", lines),
        ("a.parquet", table),
        ("a.warc", warc_bytes(pages, is_packed=False)),
    ]


def problems_of(parsed: Parsed, text: str | None) -> list[str]:
    """What of a reading breaks its contract."""
    size = len(text or "")
    problems = []
    if parsed.document.status == "unusable" and not parsed.issues:
        problems.append("unusable without an issue")
    if parsed.document.status == "parsed" and parsed.document.char_count != size:
        problems.append("another length than the text")
    reports = {report.report_no for report in parsed.reports} | {0}
    rows = (
        *parsed.reports,
        *parsed.sections,
        *parsed.cells,
        *parsed.claims,
        *parsed.tasks,
        *parsed.issues,
    )
    for row in rows:
        if not 0 <= row.span_start <= row.span_end <= size:
            problems.append(f"span outside the text: {row!r:.200}")
        if row.report_no not in reports:
            problems.append(f"no such report: {row!r:.200}")
    for cell in parsed.cells:
        if (cell.value is not None) != (cell.value_status == "reported"):
            problems.append(f"value and status differ: {cell!r:.200}")
        if cell.cell_text != (text or "")[cell.span_start : cell.span_end]:
            problems.append(f"not the text of its span: {cell!r:.200}")
        if cell.value is not None and not cell.value.is_finite():
            problems.append(f"no number: {cell!r:.200}")
    keys = [(c.report_no, c.indicator_code, c.column_code) for c in parsed.cells]
    if len(keys) != len(set(keys)):
        problems.append("a cell twice")
    return problems
