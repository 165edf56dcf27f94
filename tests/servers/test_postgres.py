"""A release in a real PostgreSQL, started here on the loopback address for the length of the tests."""

import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from dagster_project.postgres import _ONE_EXPORT_AT_A_TIME, PostgresError, export_postgres

dbapi = pytest.importorskip("adbc_driver_postgresql.dbapi")

_PROGRAMS = sorted(Path("/usr/lib/postgresql").glob("*/bin"))


_IS_ROOT = os.geteuid() == 0


def _run(program: str, *arguments: str | Path) -> None:
    """Run a program of the server, which refuses to be root."""
    command = [str(_PROGRAMS[-1] / program), *map(str, arguments)]
    if _IS_ROOT:
        command = ["runuser", "-u", "postgres", "--", *command]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, cwd="/")


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    if not _PROGRAMS:
        pytest.skip("no PostgreSQL server here: apt-get install postgresql")
    # Not below pytest's own folder, which nobody else may enter.
    with tempfile.TemporaryDirectory() as data, socket.socket() as listener:
        if _IS_ROOT:
            shutil.chown(data, "postgres")
        listener.bind(("127.0.0.1", 0))
        port = listener.getsockname()[1]
        listener.close()
        _run("initdb", "--auth=trust", "--encoding=UTF8", "--username=postgres", "-D", data)
        options = f"-p {port} -h 127.0.0.1 -k '' -c fsync=off"
        _run("pg_ctl", "-D", data, "-w", "-l", f"{data}/log", "-o", options, "start")
        try:
            yield f"postgresql://postgres@127.0.0.1:{port}/postgres"
        finally:
            _run("pg_ctl", "-D", data, "-w", "-m", "immediate", "stop")


def ask(uri: str, query: str) -> list[tuple]:
    with dbapi.connect(uri, autocommit=True) as connection, connection.cursor() as cursor:
        cursor.execute(query)
        return cursor.fetchall() if cursor.description else []


@pytest.fixture
def release(built: tuple) -> Path:
    return built[0].current_release / "gongkai.duckdb"


def _another(release: Path, folder: Path, change: str) -> Path:
    path = folder / "gongkai.duckdb"
    shutil.copy(release.resolve(), path)
    with duckdb.connect(path) as connection:
        connection.execute(change)
    return path


def test_every_table_arrives_whole(server: str, release: Path) -> None:
    export = export_postgres(release, server, "whole")
    with duckdb.connect(release.resolve(), read_only=True) as source:
        tables = source.execute("select schema_name, table_name from duckdb_tables()").fetchall()
        counts = {
            n: source.execute(f"select count(*) from {s}.{n}").fetchone()[0] for s, n in tables
        }
        figures = """
            select report_id, applicant_code, outcome_code, outcome_count
            from {}.fct_outcomes order by 1, 2, 3
        """
        printed = source.execute(figures.format("marts")).fetchall()
        values = "select report_id, indicator_code, value from {}.fct_claims order by 1, 2, 3"
        claims = source.execute(values.format("marts")).fetchall()
    assert export.row_counts == counts
    assert {n: ask(server, f"select count(*) from whole.{n}")[0][0] for n in counts} == counts
    assert ask(server, figures.format("whole")) == printed
    assert [(a, b, float(c)) for a, b, c in ask(server, values.format("whole"))] == [
        (a, b, float(c)) for a, b, c in claims
    ]


def test_descriptions_and_indexes_come_along(server: str, release: Path) -> None:
    export_postgres(release, server, "described")
    description = "select obj_description('described.fct_outcomes'::regclass)"
    assert "One row per report, type of applicant and outcome" in ask(server, description)[0][0]
    column = """
        select col_description('described.fct_requests'::regclass, attnum) from pg_attribute
        where attrelid = 'described.fct_requests'::regclass and attname = 'new_count'
    """
    assert "件" in ask(server, column)[0][0]
    index = "select count(*) from pg_index where indrelid = 'described.fct_outcomes'::regclass"
    assert ask(server, index) == [(1,)]
    assert ask(server, "select obj_description('described'::regnamespace)")[0][0].startswith(
        "Gongkai release "
    )


def test_a_new_release_takes_the_place_of_the_old(
    server: str, release: Path, tmp_path: Path
) -> None:
    export_postgres(release, server, "switched")
    newer = _another(release, tmp_path, "update reporting.release set version = '2099.01.01.1'")
    with dbapi.connect(server) as reader, reader.cursor() as cursor:
        cursor.execute("select version from switched.release")
        before = cursor.fetchall()
        export = export_postgres(newer, server, "switched")
        assert len(export.left_behind) == 1, "somebody is still reading the old release"
    assert ask(server, "select version from switched.release") == [("2099.01.01.1",)] != before
    assert not export_postgres(newer, server, "switched").left_behind
    names = "select count(*) from pg_namespace where nspname like 'switched%'"
    assert ask(server, names) == [(1,)]


def test_views_of_the_users_keep_the_tables_they_stand_on(server: str, release: Path) -> None:
    export_postgres(release, server, "viewed")
    ask(server, "create view public.requests as select * from viewed.fct_requests")
    export = export_postgres(release, server, "viewed")
    assert len(export.left_behind) == 1
    assert ask(server, "select count(*) > 0 from public.requests") == [(True,)]


def test_a_load_that_fails_leaves_the_old_release(
    server: str, release: Path, tmp_path: Path
) -> None:
    export_postgres(release, server, "kept")
    clash = _another(release, tmp_path, "create table form.fct_requests as select 1 as one")
    with pytest.raises(PostgresError, match="fct_requests"):
        export_postgres(clash, server, "kept")
    with pytest.raises(PostgresError, match="nobody_of_this_name"):
        export_postgres(release, server, "kept", ["nobody_of_this_name"])
    assert ask(server, "select count(*) > 0 from kept.fct_requests") == [(True,)]
    assert ask(server, "select count(*) from pg_namespace where nspname like 'kept%'") == [(1,)]


def test_a_reader_may_read_and_nothing_else(server: str, release: Path) -> None:
    ask(server, "create role metabase login")
    export_postgres(release, server, "guarded", ["metabase"])
    visitor = server.replace("postgres@", "metabase@")
    assert ask(visitor, "select count(*) > 0 from guarded.dim_report") == [(True,)]
    with pytest.raises(Exception, match="permission denied"):
        ask(visitor, "delete from guarded.dim_report")


def test_one_export_at_a_time(server: str, release: Path) -> None:
    with dbapi.connect(server) as other, other.cursor() as cursor:
        cursor.execute(f"select pg_advisory_lock({_ONE_EXPORT_AT_A_TIME})")
        with pytest.raises(PostgresError, match="Another export"):
            export_postgres(release, server, "contested")
    assert export_postgres(release, server, "contested").row_counts["dim_report"] > 0


@pytest.mark.parametrize("schema", ["", "Upper", 'x"; drop schema public; --', "1st"])
def test_a_schema_needs_a_plain_name(schema: str, release: Path) -> None:
    with pytest.raises(PostgresError, match="no name for a schema"):
        export_postgres(release, "postgresql://127.0.0.1:1/none", schema)


def test_a_server_that_is_not_there_is_named_as_the_reason(release: Path) -> None:
    with pytest.raises(PostgresError, match="PostgreSQL says"):
        export_postgres(release, "postgresql://127.0.0.1:1/none", "gongkai")
