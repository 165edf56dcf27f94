"""The ``gongkai`` command: names and arguments. What a command does lives in ``commands``.

Nothing heavy is imported here, and each command imports only what it needs: ``gongkai check`` is a
disclosure office's spelling checker and must start like one.
"""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(
    help="Gongkai 公开: annual reports on open government information as a reconciled warehouse.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

Files = Annotated[list[Path], typer.Argument(metavar="FILE...", help="Documents to read.")]
Output = Annotated[
    Path | None, typer.Option("--output", "-o", help="File to write; the terminal otherwise.")
]


class What(StrEnum):
    """A frame of the parser."""

    documents = "documents"
    reports = "reports"
    cells = "cells"
    claims = "claims"
    tasks = "tasks"
    issues = "issues"


class Format(StrEnum):
    """How rows are written."""

    csv = "csv"
    json = "json"
    parquet = "parquet"


@app.command()
def build(
    read_again: Annotated[
        str,
        typer.Option(
            metavar="PATTERN",
            help="Also read unchanged documents at these paths below landing/: 'sample/*', '*'.",
        ),
    ] = "",
) -> None:
    """Read the landing folder, build the warehouse, check it and publish a release."""
    from dagster_project.commands.build import run_build

    run_build(read_again)


@app.command()
def parse(
    files: Files,
    what: Annotated[What, typer.Option(help="Which rows to print.")] = What.cells,
    format: Annotated[Format, typer.Option(help="How to print them.")] = Format.csv,
    output: Output = None,
) -> None:
    """Print what stands in documents, without a warehouse."""
    from dagster_project.commands.parse import run_parse

    run_parse(files, what.value, format.value, output)


@app.command()
def check(
    files: Files,
    strict: Annotated[
        bool, typer.Option(help="Let any failed rule count, not errors only.")
    ] = False,
) -> None:
    """Do the numbers of a draft add up? 检查勾稽关系。

    Exit status: 0 where every error rule holds, 1 where one fails (with --strict: any rule),
    2 where a file cannot be read. Give last year's report as well, and the rules across years are
    checked.
    """
    from dagster_project.commands.check import run_check

    run_check(files, strict=strict)


class Report(StrEnum):
    """How the fidelity report is written."""

    table = "table"
    csv = "csv"
    json = "json"


@app.command()
def fidelity(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Folder of documents, or a file.")],
    format: Annotated[Report, typer.Option(help="How to print it.")] = Report.table,
    unknown_labels: Annotated[
        Path | None,
        typer.Option(help="Write unknown labels here, as rows for form_label_variant.csv."),
    ] = None,
) -> None:
    """What to trust in a new crawl: digits explained, cells in doubt, issues, unknown labels."""
    from dagster_project.commands.fidelity import run_fidelity

    run_fidelity(folder, format.value, unknown_labels)


@app.command()
def trace(
    report_id: Annotated[str, typer.Argument(help="As in dim_report; with --file, its number.")],
    indicator_code: Annotated[str, typer.Argument(help="Code of the row or of the figure.")],
    column_code: Annotated[str, typer.Argument(help="Column, or qualifier of a claim.")] = "",
    file: Annotated[Path | None, typer.Option(help="Trace in this file instead.")] = None,
) -> None:
    """Walk from a figure back to the characters it was read from."""
    from dagster_project.commands.trace import run_trace

    run_trace(report_id, indicator_code, column_code, file)


class Answer(StrEnum):
    """How the answer to a query is written."""

    table = "table"
    csv = "csv"
    json = "json"
    parquet = "parquet"


@app.command()
def query(
    sql: Annotated[str, typer.Argument(metavar="SQL", help="One query, in quotes.")] = "",
    file: Annotated[Path | None, typer.Option(help="Read the query from this file.")] = None,
    format: Annotated[Answer, typer.Option(help="How to write the answer.")] = Answer.table,
    output: Output = None,
    memory: Annotated[str, typer.Option(help="Memory the query may take.")] = "2GB",
    seconds: Annotated[float, typer.Option(help="Time the query may take.")] = 60,
) -> None:
    """Ask the current release with SQL: read-only, and closed to files, network and settings."""
    from dagster_project.commands.query import run_query

    run_query(sql, file, format.value, output, memory, seconds)


exports = typer.Typer(no_args_is_help=True, help="Load the current release into a server.")
app.add_typer(exports, name="export")


@exports.command()
def postgres(
    uri: Annotated[
        str, typer.Option(help="postgresql://user@host/database; or GONGKAI_POSTGRES_URI.")
    ] = "",
    schema: Annotated[str, typer.Option(help="Schema that the release replaces.")] = "gongkai",
    reader: Annotated[
        list[str] | None, typer.Option(help="Role that may read the schema; may be repeated.")
    ] = None,
) -> None:
    """Load the current release into a schema of PostgreSQL and switch to it in one transaction."""
    from dagster_project.commands.export import run_export_postgres

    run_export_postgres(uri, schema, reader or [])


class Notes(StrEnum):
    """How the difference of two releases is written."""

    markdown = "markdown"
    csv = "csv"
    json = "json"
    parquet = "parquet"


@app.command()
def diff(
    old: Annotated[str, typer.Argument(help="Version or folder; the one before, if empty.")] = "",
    new: Annotated[str, typer.Argument(help="Version or folder; the current one, if empty.")] = "",
    format: Annotated[Notes, typer.Option(help="What to write.")] = Notes.markdown,
    output: Output = None,
) -> None:
    """What differs between two releases, with old and new value and cause. 版本差异。"""
    from dagster_project.commands.diff import run_diff

    run_diff(old, new, format.value, output)


@app.command()
def site(
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", help="Folder to write; site/ in the warehouse otherwise."),
    ] = None,
    with_data: Annotated[
        bool, typer.Option("--with-data", help="Copy the release into the site, for a web server.")
    ] = False,
) -> None:
    """Write the current release as a static site, for people and without a server."""
    from dagster_project.commands.site import run_site

    run_site(output, with_data=with_data)


@app.command()
def serve(
    port: Annotated[int, typer.Option(help="Port on the loopback address; 0 takes any.")] = 8765,
) -> None:
    """Check a draft in the browser, on this machine alone. 在本机浏览器中核对草稿。"""
    from dagster_project.commands.serve import run_serve

    run_serve(port)


@app.command()
def ui(
    port: Annotated[int, typer.Option(help="Port on the loopback address; 0 takes any.")] = 3000,
    read_only: Annotated[
        bool, typer.Option("--read-only", help="For viewers: nothing can be started or changed.")
    ] = False,
    public: Annotated[
        list[str] | None,
        typer.Option(metavar="https://NAME", help="Address of a proxy with a login in front."),
    ] = None,
) -> None:
    """Open Dagster's web UI on the loopback address, closed to other pages and other names."""
    from dagster_project.commands.ui import run_ui

    run_ui(port, public or (), read_only=read_only)


@app.command()
def backup(
    file: Annotated[
        Path | None, typer.Argument(help="File to write; gongkai-DATE.tar here otherwise.")
    ] = None,
) -> None:
    """Write the landing folder, the warehouse and all releases into one file."""
    from dagster_project.commands.backup import run_backup

    run_backup(file)


@app.command()
def restore(
    file: Annotated[Path, typer.Argument(help="A file that `gongkai backup` wrote.")],
    replace: Annotated[
        bool, typer.Option("--replace", help="Let what stands there give way.")
    ] = False,
) -> None:
    """Put an installation back; nothing is touched before every checksum holds."""
    from dagster_project.commands.restore import run_restore

    run_restore(file, replace=replace)


@app.command()
def doctor() -> None:
    """What is wrong with this installation, and what to do about it.

    Exit status: 0 where nothing must be done, 1 otherwise.
    """
    from dagster_project.commands.doctor import run_doctor

    run_doctor()


def main() -> None:
    """Run the command. A wrong dictionary is told in a line, not in a traceback."""
    from loaders.seeds import FormError

    try:
        app()
    except FormError as error:
        typer.secho(f"The dictionary (dbt/seeds/): {error}", fg="red", bold=True, err=True)
        raise SystemExit(2) from None


if __name__ == "__main__":
    main()
