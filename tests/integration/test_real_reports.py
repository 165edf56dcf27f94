"""The real reports in the warehouse: what is known about them comes out, and both evaluators agree."""

import shutil
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from dagster_project.landing import list_files
from dagster_project.settings import Settings
from loaders.form import Form
from loaders.parse import parse
from loaders.rules import evaluate
from tests.integration.running import run_job

FOLDERS = ("seeds", "cases")


@pytest.fixture(scope="module")
def real(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """A warehouse of the real files."""
    folder = tmp_path_factory.mktemp("real")
    for name in FOLDERS:
        shutil.copytree(shared / name, folder / "landing" / name)
    settings = Settings(warehouse=folder, landing=folder / "landing")
    run = run_job(settings)
    assert run.success
    return settings


def query(settings: Settings, sql: str) -> list[tuple]:
    with duckdb.connect(settings.database, read_only=True) as connection:
        return connection.execute(sql).fetchall()


def rules_of(settings: Settings, form: Form) -> set[tuple]:
    """Results of the evaluator that needs no warehouse, on the same documents.

    The warehouse tells the operands only where somebody will look at them.
    """
    documents = {}
    for path in list_files(settings.landing):
        parsed = parse(path.read_bytes(), "text/plain", form)
        documents[parsed.document.document_id] = parsed
    return {
        tuple(result if result.result in ("fail", "uncertain") else result._replace(operands=""))
        for result in evaluate(form, list(documents.values()))
    }


COLUMNS = (
    "report_id, rule_id, scope_code, left_value, right_value, residual, result, cause, "
    "matched_rule_id, operands"
)


def plain(row: tuple) -> tuple:
    """A row without the notation of its numbers, and with '' for nothing."""
    return tuple(
        value.normalize() + 0 if isinstance(value, Decimal) else value or "" for value in row
    )


@pytest.mark.parametrize("which", ["built", "real"])
def test_sql_and_python_give_the_same_results(which: str, form: Form, request) -> None:
    found = request.getfixturevalue(which)
    settings = found[0] if isinstance(found, tuple) else found
    in_sql = query(settings, f"select {COLUMNS} from marts.fct_rule_results")
    assert {plain(row) for row in in_sql} == {plain(row) for row in rules_of(settings, form)}
    assert len(in_sql) == len(rules_of(settings, form))


def discrepancies(settings: Settings) -> set[tuple]:
    return set(
        query(
            settings,
            """
            select document, report_year, rule_id, scope_code
            from marts.fct_rule_results
            inner join marts.dim_report using (report_id)
            where is_source_discrepancy
            """,
        )
    )


def test_the_known_mistakes_of_the_sources_come_out_as_such(real: Settings) -> None:
    wanted = {
        ("000_b1c07f7896153f82.txt", 2018, "NARR-03", ""),
        ("000_b1c07f7896153f82.txt", 2020, "NARR-08", ""),
        ("000_b1c07f7896153f82.txt", 2018, "NARR-09", "fax"),
        ("001_564ee96d51f4a710.txt", 2016, "X-NARR-13", ""),
    }
    found = discrepancies(real)
    assert {row for row in found if row[0][:3] in ("000", "001", "002", "003", "004")} == wanted
    # A PDF whose own appeal totals are wrong: as published, and reported.
    assert {(row[2], row[3]) for row in found if row[0].startswith("hongze")} >= {
        ("N19-APP-01", ""),
        ("N19-APP-03", ""),
    }


def test_topics_add_up_to_460_of_467(real: Settings) -> None:
    ((left, right, residual),) = query(
        real,
        "select left_value, right_value, residual from marts.fct_rule_results "
        "where rule_id = 'NARR-03' and result = 'fail'",
    )
    assert (left, right, residual) == (460, 467, -7)


def test_the_alternative_that_matched_is_recorded(real: Settings) -> None:
    found = query(
        real,
        """
        select distinct matched_rule_id
        from marts.fct_rule_results
        inner join marts.dim_report using (report_id)
        where rule_id in ('X-NARR-01a', 'X-NARR-01b', 'X-NARR-01c')
            and document like '000%' and report_year = 2020 and result = 'pass'
        """,
    )
    assert found == [("X-NARR-01c",)]


def test_everything_inside_the_tables_of_the_seeds_reconciles(real: Settings) -> None:
    found = query(
        real,
        """
        select count(*) filter (where result = 'pass'), count(*) filter (where result = 'fail')
        from marts.fct_rule_results
        inner join form.form_rule using (rule_id)
        inner join marts.dim_report using (report_id)
        where table_code != '' and rule_kind = 'linear'
            and suite_kind not in ('narrative', 'carry_over')
            and (document like '000%' or document like '001%' or document like '004%')
        """,
    )
    passed, failed = found[0]
    assert failed == 0
    assert passed > 100


def test_lost_tables_fail_their_presence_and_leave_the_rest_not_assessable(real: Settings) -> None:
    found = query(
        real,
        """
        select distinct rule_id, result, cause
        from marts.fct_rule_results
        inner join marts.dim_report using (report_id)
        inner join form.form_rule_edition using (rule_id)
        where document like '003%' and form_rule_edition.form_id in ('national_2019', 'national_2021')
        """,
    )
    assert ("X-TBL-01", "fail", "reading") in found
    assert {result for rule_id, result, _ in found if rule_id != "X-TBL-01"} == {"not_assessable"}
    facts = query(
        real,
        "select count(*) from marts.fct_outcomes inner join marts.dim_report using (report_id) "
        "where document like '003%'",
    )
    assert facts == [(0,)]


def test_the_cumulative_column_reaches_no_yearly_fact(real: Settings) -> None:
    found = query(
        real,
        """
        select new_count
        from marts.fct_requests
        inner join marts.dim_report using (report_id)
        where form_id = 'provincial_fujian'
        """,
    )
    assert found == [(1,)]


def test_a_wrong_total_stays_as_it_was_printed(real: Settings) -> None:
    found = query(
        real,
        """
        select result_code, case_count
        from marts.fct_appeals
        inner join marts.dim_report using (report_id)
        where document = 'hongze_2023.pdf' and forum_code = 'administrative_review'
        """,
    )
    assert dict(found) == {"upheld": 10, "corrected": 1, "other": 0, "pending": 0, "total": 0}


def test_ambiguous_cells_are_held_back_one_by_one(real: Settings) -> None:
    found = query(
        real,
        """
        select count(*), count(distinct reason)
        from marts.fct_values_held_back
        inner join marts.dim_report using (report_id)
        where document = 'pingtan_gwh_2019.txt'
        """,
    )
    assert found[0][0] == 19
    requests = query(
        real,
        "select count(*) from marts.fct_outcomes inner join marts.dim_report using (report_id) "
        "where document = 'pingtan_gwh_2019.txt'",
    )
    assert requests[0][0] > 100
