"""Nothing lost: what lies in the landing folder against what stands in the warehouse."""

import hashlib

from dagster_project.settings import Settings
from dagster_project.warehouse import Warehouse

# Each row is a promise, and how many break it. Reports without a fact of their own (work plans,
# guides) are in dim_report all the same; a document without a report is unusable and says why.
_PROMISES = {
    "a document without a status": """
        select count(*) from raw.documents where status not in ('parsed', 'unusable')
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


def find_losses(settings: Settings) -> list[str]:
    """What of documents and figures is lost, doubled or without a reason; nothing where all is there."""
    from expectations.evaluate import evaluate
    from expectations.frames import read_frames
    from loaders.form import load_form

    landed = {
        hashlib.sha256(path.read_bytes()).hexdigest()
        for path in settings.landing.rglob("*")
        if path.is_file()
    }
    with Warehouse(settings).read() as connection:
        found = connection.execute("select document_id from raw.documents").fetchall()
        losses = [
            what for what, sql in _PROMISES.items() if connection.execute(sql).fetchone()[0] != 0
        ]
        frames = read_frames(connection)
    if sorted(landed) != sorted(document_id for (document_id,) in found):
        losses.append("other documents than those that landed")
    # Cells read = cells in facts + cells held back: the suites that close the gate.
    outcomes = evaluate(load_form(), frames)
    return losses + [o.name for o in outcomes if o.is_integrity and not o.passed]
