"""Drawn forms as files with a structure of their own: HTML, DOCX, XLSX, CSV, PDF."""

import csv
import html
import io
from collections.abc import Mapping

from docx import Document
from openpyxl import Workbook
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.platypus import Paragraph, SimpleDocTemplate, Table, TableStyle

from tests.layouts import Grid

TITLE = "青溪县人民政府2021年政府信息公开工作年度报告"
PERIOD = "本报告所列数据的统计期限自2021年1月1日起至2021年12月31日止。"
HEADINGS = {
    "proactive": "二、主动公开政府信息情况",
    "requests": "三、收到和处理政府信息公开申请情况",
    "appeals": "四、政府信息公开行政复议、行政诉讼情况",
    "statistics": "附件 政府信息公开情况统计表",
}


def square(grid: Grid) -> tuple[list[list[str]], list[tuple[int, int, int]]]:
    """A grid with rows of one width, as a word processor has it, and its merged cells.

    Labels of a row span the columns that its figures leave; returns ``(row, first, last)`` per merge.
    """
    width = max(len(row) for row in grid)
    rows, merges = [], []
    for number, row in enumerate(grid):
        missing = width - len(row)
        rows.append([row[0], *[""] * missing, *row[1:]])
        if missing:
            merges.append((number, 0, missing))
    return rows, merges


def to_html(tables: Mapping[str, Grid], menu: str = "") -> bytes:
    """A page with menus around the article; labels span columns."""
    parts = [f"<p>{PERIOD}</p><p>一、总体情况</p><p>本年度工作平稳有序。</p>"]
    for code, grid in tables.items():
        width = max(len(row) for row in grid)
        body = []
        for row in grid:
            span = width - len(row) + 1
            first = f'<td colspan="{span}">{html.escape(row[0])}</td>'
            rest = "".join(f"<td><p>{html.escape(cell)}</p></td>" for cell in row[1:])
            body.append(f"<tr>{first}{rest}</tr>")
        parts.append(f"<p>{HEADINGS[code]}</p><table border=1>{''.join(body)}</table>")
    links = "".join(f'<li><a href="/{n}">栏目{n}</a></li>' for n in range(40))
    page = (
        f"<!DOCTYPE html><html><head><meta charset=utf-8><title>{TITLE}-县政府网</title>"
        f"<meta name='ArticleTitle' content='{TITLE}'><script>var n = 12345;</script></head><body>"
        f"<div class='menu'><ul>{links}</ul>{menu}</div><div id='zoom'>{''.join(parts)}</div>"
        f"<footer>访问量 998877</footer></body></html>"
    )
    return page.encode()


def to_docx(tables: Mapping[str, Grid]) -> bytes:
    document = Document()
    for text in (TITLE, PERIOD, "一、总体情况"):
        document.add_paragraph(text)
    for code, grid in tables.items():
        document.add_paragraph(HEADINGS[code])
        rows, merges = square(grid)
        table = document.add_table(len(rows), len(rows[0]))
        for number, row in enumerate(rows):
            for column, cell in enumerate(row):
                table.cell(number, column).text = cell
        for number, first, last in merges:
            table.cell(number, first).merge(table.cell(number, last))
    buffer = io.BytesIO()
    document.save(buffer)
    return buffer.getvalue()


def to_xlsx(tables: Mapping[str, Grid]) -> bytes:
    book = Workbook()
    sheet = book.active
    sheet.append([TITLE])
    sheet.append([PERIOD])
    for code, grid in tables.items():
        sheet.append([HEADINGS[code]])
        rows, merges = square(grid)
        top = sheet.max_row + 1
        for row in rows:
            sheet.append([int(cell) if cell.isdigit() else cell or None for cell in row])
        for number, first, last in merges:
            sheet.merge_cells(
                start_row=top + number,
                end_row=top + number,
                start_column=first + 1,
                end_column=last + 1,
            )
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def to_csv(tables: Mapping[str, Grid]) -> bytes:
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    writer.writerow([TITLE])
    writer.writerow([PERIOD])
    for code, grid in tables.items():
        writer.writerow([HEADINGS[code]])
        writer.writerows(grid)
    return buffer.getvalue().encode("utf-8-sig")


def to_pdf(tables: Mapping[str, Grid]) -> bytes:
    """Ruled tables with wrapped labels that run over pages."""
    pdfmetrics.registerFont(UnicodeCIDFont("STSong-Light"))
    style = ParagraphStyle("song", fontName="STSong-Light", fontSize=8, leading=10, wordWrap="CJK")
    story = [Paragraph(text, style) for text in (TITLE, PERIOD, "一、总体情况")]
    for code, grid in tables.items():
        story.append(Paragraph(HEADINGS[code], style))
        rows, merges = square(grid)
        width = len(rows[0])
        spans = [("SPAN", (first, number), (last, number)) for number, first, last in merges]
        ruled = [("GRID", (0, 0), (-1, -1), 0.5, "black"), *spans]
        cells = [[Paragraph(cell, style) for cell in row] for row in rows]
        table = Table(
            cells, colWidths=[130] + [330 / (width - 1)] * (width - 1) if width > 1 else None
        )
        table.setStyle(TableStyle(ruled))
        story.append(table)
    buffer = io.BytesIO()
    SimpleDocTemplate(buffer, pagesize=A4).build(story)
    return buffer.getvalue()
