"""``gongkai fidelity``: what to trust in a folder that has just been loaded.

Reads the folder as ``gongkai build`` would, containers included, without a warehouse.
"""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from dagster_project.terminal import err, out, safe, stop
from loaders.fidelity import (
    DocumentFidelity,
    add_up,
    find_unknown_labels,
    measure_document,
    spell,
    to_rows,
    write_variant_rows,
)
from loaders.rows import Parsed


def run_fidelity(folder: Path, file_format: str, unknown_labels: Path | None) -> None:
    """Measure every document below a folder, or one file."""
    from dagster_project.collection import read_landed
    from dagster_project.landing import list_files
    from dagster_project.parsing import load_dictionary, read_document
    from dagster_project.settings import read_settings
    from loaders.read import decode

    if not folder.exists():
        stop(f"There is no folder {folder}.")
    root, paths = (folder, list_files(folder)) if folder.is_dir() else (folder.parent, [folder])
    settings = replace(read_settings(), landing=root)
    dictionary = load_dictionary()
    measured: list[DocumentFidelity] = []
    read: list[tuple[str, Parsed]] = []
    for landed in (found for path in paths for found in read_landed(settings, path)):
        parsed = read_document(landed, dictionary).parsed
        if landed.data is None:
            parsed = landed.as_unusable(parsed.document.parser_version)
        text = ""
        if landed.data is not None and parsed.cells:
            text = decode(landed.data, landed.media_type).text or ""
        measured += measure_document(landed.path, parsed, text)
        # Names and unknown labels are all that is needed of it further on.
        issues = tuple(i for i in parsed.issues if i.issue_code == "unknown_label")
        kept = Parsed(parsed.document, parsed.reports, issues=issues)
        read.append((Path(landed.path).name, kept))
    labels = find_unknown_labels(read, dictionary.form)
    if file_format == "csv":
        _write_csv(measured)
    elif file_format == "json":
        shown = {
            "documents": to_rows(measured),
            "total": add_up(measured),
            "unknown_labels": [vars(label) for label in labels],
        }
        sys.stdout.write(json.dumps(shown, ensure_ascii=False, indent=2) + "\n")
    else:
        _print(measured, labels)
    if unknown_labels is not None:
        unknown_labels.parent.mkdir(parents=True, exist_ok=True)
        unknown_labels.write_text(write_variant_rows(labels), encoding="utf-8")
        err.print(f"{len(labels)} unknown labels written to {safe(unknown_labels)}")


def _write_csv(measured: Sequence[DocumentFidelity]) -> None:
    rows = to_rows(measured)
    if rows:
        writer = csv.DictWriter(sys.stdout, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def _print(measured: Sequence[DocumentFidelity], labels: Sequence) -> None:
    """The least explained first: those are the documents to open."""
    for one in sorted(measured, key=lambda one: (one.explained_pct or 0.0, one.document)):
        share = one.explained_pct
        name = f"{safe(one.document)}" + (f" #{one.report_no}" if one.report_no > 1 else "")
        told = "no figures" if share is None else f"{share:.1f} % of {one.digits} digits"
        colour = "red" if one.severities["error"] or one.status != "parsed" else "green"
        out.print(f"[bold {colour}]{name}[/]  {told} explained", soft_wrap=True)
        facts = (
            one.status if one.status != "parsed" else one.doc_type or "no report found",
            one.form_id or "no form",
            str(one.report_year or "no year"),
            safe(one.publisher_name or "no publisher")
            + ("" if one.is_publisher_resolved else " (region not resolved)"),
        )
        out.print(f"    {', '.join(facts)}", soft_wrap=True)
        for title, text in (
            ("cells", spell(one.statuses)),
            ("methods", spell(one.methods)),
            ("layouts", spell(one.layouts)),
            ("claims", str(one.claims or "")),
            ("issues", spell(one.issue_codes)),
        ):
            if text:
                out.print(f"    {title}: {safe(text.replace('|', ', '))}", soft_wrap=True)
    out.rule("total", align="left")
    for title, value in add_up(measured).items():
        shown = spell(value).replace("|", ", ") if isinstance(value, dict) else value
        out.print(f"{title}: {safe(shown)}", soft_wrap=True)
    for label in labels:
        guess = f" (near {label.indicator_code})" if label.indicator_code else ""
        out.print(
            f"[yellow]unknown label[/] {label.count} × {safe(label.label_zh)}{guess}, "
            f"{safe(label.form_id)}, {safe(label.document)}",
            soft_wrap=True,
        )
