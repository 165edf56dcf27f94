"""Last year's report of the same body, from the release, in the shape that the rules read."""

from __future__ import annotations

from pathlib import Path

from loaders.form import Form
from loaders.rows import Cell, Claim, Document, Parsed, Report
from pages.release import NoRelease, Release

_REPORT = """
    select report_id, form_id
    from reporting.report_overview
    where
        is_canonical
        and publisher_name = ?
        and report_year = ?
        and coalesce(region_code, '') = ?
    order by report_id
    limit 1
"""
_CELLS = """
    select distinct indicator_code, column_code, value
    from reporting.source_passages
    where report_id = ? and value_source = 'table'
"""
_CLAIMS = """
    select claim_no, indicator_code, qualifier, value, unit, precision
    from marts.fct_claims
    where report_id = ?
    order by claim_no
"""


class LastYearOfRelease:
    """Looks into the current release at every draft, and lets go of it."""

    def __init__(self, release_folder: Path) -> None:
        self.release_folder = release_folder

    def __call__(self, report: Report, form: Form) -> Parsed | None:
        """The figures that the release has of that body for the year before.

        Figures that the release holds back are absent, so rules that need them are not assessable.
        """
        if report.report_year is None or not report.publisher_name:
            return None
        try:
            with Release(self.release_folder) as release:
                return self._find(release, report, form)
        except NoRelease:
            return None

    def _find(self, release: Release, report: Report, form: Form) -> Parsed | None:
        wanted = [report.publisher_name, report.report_year - 1, report.region_code]
        found = release.rows(_REPORT, wanted)
        if not found:
            return None
        key, form_id = found[0]["report_id"], found[0]["form_id"]
        document_id, _, number = key.rpartition("-")
        no = int(number)
        document = Document(document_id, "", "", 0, 0, "parsed", "")
        last = report._replace(
            document_id=document_id,
            report_no=no,
            doc_type="annual_report",
            report_year=report.report_year - 1,
            form_id=form_id,
            form_expected="",
            tables_present="",
        )
        cells = []
        for row in release.rows(_CELLS, [key]):
            line = form.line(form_id, row["indicator_code"])
            table = line.table_code if line else ""
            cells.append(
                Cell(
                    document_id, no, table, row["indicator_code"], row["column_code"] or "",
                    row["value"], "reported", "printed", "", "", 0, 0, 0,
                )
            )  # fmt: skip
        claims = [
            Claim(
                document_id, no, row["claim_no"], row["indicator_code"], row["qualifier"] or "",
                row["value"], row["unit"] or "", row["precision"], "", 0, 0, 0, 0, 0,
            )
            for row in release.rows(_CLAIMS, [key])
        ]  # fmt: skip
        return Parsed(document, (last,), (), tuple(cells), tuple(claims))
