"""Nothing lost: what lies in the landing folder against what stands in the warehouse.

Documents in = reports + other + quarantined, and cells read = cells in facts + cells held back, with
reasons. Asked after each kind of fault.
"""

import hashlib

import duckdb

from dagster_project.landing import list_files, read_file
from dagster_project.parsing import load_dictionary, read_document
from dagster_project.settings import Settings
from dagster_project.warehouse import Warehouse

# Each row is a promise, and how many break it.
_OF_DOCUMENTS = {
    "a document without a status": """
        select count(*) from raw.documents where status not in ('parsed', 'unusable')
    """,
    "a document twice": """
        select count(*) - count(distinct document_id) from raw.documents
    """,
    "a parsed document without a report, and without an issue that says why": """
        select count(*) from raw.documents
        where status = 'parsed'
            and document_id not in (select document_id from raw.reports)
            and document_id not in (select document_id from raw.issues)
    """,
    "an unusable document without the reason": """
        select count(*) from raw.documents
        where status = 'unusable'
            and document_id not in (select document_id from raw.issues where severity = 'error')
    """,
    "a report or cell of no document": """
        select count(*) from (
            select document_id from raw.reports union all select document_id from raw.cells
        ) anti join raw.documents using (document_id)
    """,
}
# Reports without a fact of their own (work plans, guides) are in dim_report all the same.
_OF_MARTS = {
    "a report that is not in the marts once": """
        select count(*) from (
            select reports.document_id, reports.report_no
            from raw.reports as reports
            left join marts.dim_report as arrived
                on arrived.report_id = left(reports.document_id, 16) || '-' || reports.report_no
            group by all
            having count(arrived.report_id) != 1
        )
    """,
    "a report in the marts that was not read": """
        select (select count(*) from marts.dim_report) - (select count(*) from raw.reports)
    """,
    "a value held back without a reason": """
        select count(*) from marts.fct_values_held_back where coalesce(reason, '') = ''
    """,
}
# The one mart that stands for all of dbt's.
_OF_LIGHT_MARTS = {
    "other cells in the marts than were read": """
        select count(*) from (
            (from raw.cells except all from marts.cells) union all
            (from marts.cells except all from raw.cells)
        )
    """,
}


def find_lost_documents(settings: Settings) -> list[str]:
    """What is lost or doubled between the landing folder and the raw tables, by documents and cells.

    Only for documents that lie there as files, none of them in a container.
    """
    paths = list_files(settings.landing)
    landed = {hashlib.sha256(path.read_bytes()).hexdigest(): path for path in paths}
    with Warehouse(settings).read() as connection:
        losses = _find_broken(connection, _OF_DOCUMENTS)
        found = dict(connection.execute("select document_id, status from raw.documents").fetchall())
        cells = dict(
            connection.execute(
                "select document_id, count(*) from raw.cells group by all"
            ).fetchall()
        )
    if set(landed) != set(found):
        losses.append("other documents than those that landed")
    dictionary = load_dictionary()
    for document_id, path in landed.items():
        if found.get(document_id) == "parsed":
            file = read_file(settings.landing, path, settings.max_file_bytes)
            parsed = read_document(file, dictionary).parsed
            if len(parsed.cells) != cells.get(document_id, 0):
                losses.append(f"cells of {path.name}")
    return losses


def find_losses(settings: Settings, *, is_light: bool = False) -> list[str]:
    """What of documents and figures is lost, doubled or without a reason; nothing where all is there."""
    from expectations.evaluate import evaluate
    from expectations.frames import read_frames
    from loaders.form import load_form

    losses = find_lost_documents(settings)
    with Warehouse(settings).read() as connection:
        if is_light:
            return losses + _find_broken(connection, _OF_LIGHT_MARTS)
        losses += _find_broken(connection, _OF_MARTS)
        frames = read_frames(connection)
    # Cells read = cells in facts + cells held back: the suites that close the gate.
    outcomes = evaluate(load_form(), frames)
    return losses + [o.name for o in outcomes if o.is_integrity and not o.passed]


def _find_broken(connection: duckdb.DuckDBPyConnection, promises: dict[str, str]) -> list[str]:
    return [what for what, sql in promises.items() if connection.execute(sql).fetchone()[0] != 0]
