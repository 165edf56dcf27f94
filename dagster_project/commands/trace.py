"""``gongkai trace``: from a figure back to the characters it was read from.

Prints the line as it stands in the file, the figure marked. The file must still hold the bytes that
were read; where it is gone, the masked line that the warehouse keeps has to do.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from dagster_project.landing import LandedFile
from dagster_project.settings import Settings, read_settings
from dagster_project.terminal import out, safe, stop


@dataclass(frozen=True)
class Figure:
    """A figure and its place."""

    document_id: str
    kind: str
    indicator_code: str
    part_code: str
    value: str
    value_status: str
    method: str
    line_no: int
    span_start: int
    span_end: int
    path: str


_FIGURES = """
    with figures as (
        select
            document_id, report_no, 'cell' as kind, indicator_code, column_code as part_code,
            value, value_status, method, line_no, span_start, span_end
        from raw.cells
        union all
        select
            document_id, report_no, 'claim', indicator_code, qualifier,
            value, precision, 'prose', line_no, span_start, span_end
        from raw.claims
    )

    select
        document_id, kind, indicator_code, part_code, coalesce(value::text, ''), value_status,
        method, line_no, span_start, span_end, coalesce(min(path), '')
    from figures
    left join raw.document_locations using (document_id)
    where
        left(document_id, 16) || '-' || report_no = $report_id
        and indicator_code = $indicator_code
        and ($part_code = '' or part_code = $part_code)
    group by all
    order by span_start
"""


def run_trace(report_id: str, indicator_code: str, part_code: str, file: Path | None) -> None:
    """Print every place of a figure."""
    if file is not None:
        trace_file(report_id, indicator_code, part_code, file)
        return
    settings = read_settings()
    figures, passages = find_in_warehouse(settings, report_id, indicator_code, part_code)
    if not figures:
        stop(f"{report_id} has no figure {indicator_code} {part_code}".rstrip() + ".", 1)
    for figure in figures:
        text = read_text(settings, figure.path, figure.document_id)
        if text is None:
            out.print(f"[yellow]{safe(figure.path)} is gone or changed; the line as it was kept:")
            print_heading(figure)
            out.print(safe(passages.get(figure.line_no, "")), soft_wrap=True)
        else:
            print_figure(figure, text)


def find_in_warehouse(
    settings: Settings, report_id: str, indicator_code: str, part_code: str
) -> tuple[list[Figure], dict[int, str]]:
    """The figures of that name, and the masked lines of their document."""
    from dagster_project.warehouse import Warehouse, WarehouseUnavailable

    wanted = {"report_id": report_id, "indicator_code": indicator_code, "part_code": part_code}
    try:
        with Warehouse(settings).read() as connection:
            figures = [Figure(*row) for row in connection.execute(_FIGURES, wanted).fetchall()]
            passages = connection.execute(
                "select line_no, passage from raw.passages where left(document_id, 16) = ?",
                [report_id.split("-", 1)[0]],
            ).fetchall()
    except WarehouseUnavailable as error:
        stop(str(error))
    return figures, dict(passages)


def read_text(settings: Settings, path: str, document_id: str) -> str | None:
    """The text that was read, or ``None`` where the file holds other bytes by now.

    ``path`` is the document's own; one inside a container is ``archive.zip!/member``.
    """
    from dagster_project.collection import read_landed

    for landed in read_landed(settings, settings.landing / path.split("!/", 1)[0]):
        if landed.document_id == document_id:
            return text_of(landed)
    return None


def text_of(landed: LandedFile) -> str | None:
    """A document's text, as the parser had it."""
    from loaders.read import decode

    return decode(landed.data or b"", landed.media_type).text


def trace_file(report: str, indicator_code: str, part_code: str, file: Path) -> None:
    """Trace in a file, without a warehouse; ``report`` is a report_id or just the number."""
    from dagster_project.commands.reading import read_named

    found_here = read_named([file])
    if len(found_here) != 1:
        stop(f"{file} holds {len(found_here)} documents; load it, and trace by report_id.")
    (found,) = found_here
    if found.reason:
        stop(found.reason)
    report_no = report.rsplit("-", 1)[-1]
    places = (
        *((cell, "cell", cell.column_code) for cell in found.parsed.cells),
        *((claim, "claim", claim.qualifier) for claim in found.parsed.claims),
    )
    figures = [
        Figure(
            row.document_id,
            kind,
            row.indicator_code,
            part,
            "" if row.value is None else str(row.value),
            row.value_status if kind == "cell" else row.precision,
            row.method if kind == "cell" else "prose",
            row.line_no,
            row.span_start,
            row.span_end,
            str(file),
        )
        for row, kind, part in places
        if str(row.report_no) == report_no
        and row.indicator_code == indicator_code
        and part_code in ("", part)
    ]
    if not figures:
        stop(f"Report {report_no} of {file} has no figure {indicator_code} {part_code}".rstrip(), 1)
    print_figures(figures, text_of(found.landed) or "")


def print_figures(figures: Iterable[Figure], text: str) -> None:
    """Each figure with its line."""
    for figure in figures:
        print_figure(figure, text)


def print_heading(figure: Figure) -> None:
    """What the figure is, and where it stands."""
    part = f" \\[{safe(figure.part_code)}]" if figure.part_code else ""
    value = f" = {safe(figure.value)}" if figure.value else ""
    out.print(
        f"[bold]{safe(figure.indicator_code)}[/]{part}{value}  "
        f"[dim]{figure.kind}, {figure.value_status}, {figure.method}; {safe(figure.path)}, "
        f"line {figure.line_no}, characters {figure.span_start} to {figure.span_end}",
        soft_wrap=True,
    )


def print_figure(figure: Figure, text: str) -> None:
    """The line of the source, the figure marked; a figure over several lines shows them all."""
    print_heading(figure)
    start = text.rfind("\n", 0, figure.span_start) + 1
    end = text.find("\n", figure.span_end)
    line_end = end if end >= 0 else len(text)
    before = text[start : figure.span_start]
    marked = text[figure.span_start : figure.span_end]
    after = text[figure.span_end : line_end].rstrip("\r")
    out.print(f"  {safe(before)}[black on yellow]{safe(marked)}[/]{safe(after)}", soft_wrap=True)
