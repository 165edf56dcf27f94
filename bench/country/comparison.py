"""Every mart against the truth it was drawn from, in SQL over both.

A comparison gives the rows that differ. Those marked as a loss may occur (a figure held back, a body not
recognised as one): they are counted; all others are wrong.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import duckdb


class Comparison(NamedTuple):
    """A sentence that holds where its query finds nothing."""

    sentence: str
    compared: str
    """SQL for how many things were compared."""
    differing: str
    """SQL for the rows that differ."""
    is_loss: bool = False


class Outcome(NamedTuple):
    """What one comparison found."""

    comparison: Comparison
    compared_count: int
    differing_count: int
    examples: list[dict[str, object]]

    @property
    def is_wrong(self) -> bool:
        return self.differing_count > 0 and not self.comparison.is_loss


_PREPARATION = """
create temp table lines as
    select form_id, indicator_code, nullif(fact_code, '') as fact_code, measure_code, forum_code, result_code
    from gongkai.form.form_line;

create temp table columns as
    select
        figures.*,
        reports.form_id,
        reports.region_code,
        reports.report_year,
        reports.is_government and chosen.is_canonical as counts_for_region,
        lines.fact_code,
        lines.measure_code,
        lines.forum_code,
        lines.result_code,
        coalesce(value_columns.is_yearly, true) as is_yearly,
        coalesce(applicants.applicant_code, 'total') as applicant_code
    from (
        select report_id, table_code, indicator_code, column_code, value, is_blank from figures
        union all
        select report_id, '', indicator_code, '', value, false
        from claims semi join (select report_id from reports where form_id = 'narrative') using (report_id)
    ) as figures
    inner join reports using (report_id)
    -- Of the copies of a report, the one that counts prints the truth; that it may count is compared by itself.
    inner join gongkai.marts.dim_report as chosen using (report_id)
    inner join lines on reports.form_id = lines.form_id and figures.indicator_code = lines.indicator_code
    left join gongkai.form.form_value_column as value_columns
        on reports.form_id = value_columns.form_id and figures.column_code = coalesce(value_columns.column_code, '')
    left join gongkai.form.form_applicant as applicants on figures.column_code = applicants.applicant_code;

-- The figures that must reach a fact.
create temp table due as
    from columns where fact_code is not null and is_yearly and not is_blank;

create temp table found as
    select report_id, indicator_code, column_code, value from gongkai.reporting.figures
    semi join reports using (report_id);

-- Tables of which the parser says itself that it could not read them in full.
create temp table damaged as
    select distinct left(document_id, 16) || '-' || report_no as report_id, table_code
    from gongkai.raw.issues where severity = 'error';

create temp table held as
    select report_id, indicator_code, column_code, any_value(reason) as reason
    from (
        from gongkai.marts.fct_values_held_back
        union all by name
        select *, 'table_with_an_error' as reason
        from columns semi join damaged using (report_id, table_code)
        anti join found using (report_id, indicator_code, column_code)
    )
    semi join reports using (report_id) group by all;

create temp table failed as
    select report_id, rule_id, scope_code, cause, table_code
    from gongkai.marts.fct_rule_results inner join gongkai.form.form_rule using (rule_id) where result = 'fail';

create temp table groups as
    select body_id, reports.report_year, report_id, reports.copy_kind, is_canonical, canonical_report_id, publisher_id
    from reports inner join gongkai.marts.dim_report as found using (report_id);
"""
_OWN = "reports inner join gongkai.marts.dim_report as found using (report_id)"


def _same(sentence: str, column: str) -> Comparison:
    return Comparison(
        sentence,
        "from reports",
        f"select report_id, reports.{column} as drawn, found.{column} as found, layout, spoil "
        f"from {_OWN} where reports.{column} is distinct from found.{column}",
    )


def _totals(sentence: str, drawn: str, found: str, keys: str, value: str) -> Comparison:
    """Sums over the reports that speak for a region."""
    drawn_sums = f"""
        select {keys}, sum(value) as total
        from due anti join held using (report_id, indicator_code, column_code)
        where counts_for_region and {drawn} group by all
    """
    found_sums = f"""
        select {keys}, sum({value}) as total
        from {found} inner join gongkai.marts.dim_report using (report_id)
        where is_region_report group by all having total is not null
    """
    return Comparison(
        sentence,
        drawn_sums,
        f"""
        select {keys}, drawn.total as drawn, found.total as found
        from ({drawn_sums}) as drawn full join ({found_sums}) as found using ({keys})
        where drawn.total is distinct from found.total
        """,
    )


COMPARISONS = (
    Comparison(
        "every report drawn is there",
        "from reports",
        "select report_id, layout, spoil from reports anti join gongkai.marts.dim_report using (report_id)",
    ),
    Comparison(
        "no other report is there",
        "from gongkai.marts.dim_report",
        "select report_id, title from gongkai.marts.dim_report anti join reports using (report_id)",
    ),
    _same("the edition of its form is known", "form_id"),
    _same("its year is known", "report_year"),
    _same("its region is known", "region_code"),
    _same("whom it counts is known", "scope"),
    Comparison(
        "two bodies are never taken for one",
        "select distinct publisher_id from groups where publisher_id is not null",
        "select publisher_id, list(distinct body_id) as bodies from groups "
        "where publisher_id is not null group by all having count(distinct body_id) > 1",
    ),
    Comparison(
        "a body is known as one under all its names",
        "select distinct body_id from groups",
        "select body_id, list(distinct publisher_id) as publishers from groups "
        "group by all having count(distinct coalesce(publisher_id, '')) > 1",
        is_loss=True,
    ),
    Comparison(
        "of the copies of a report one counts",
        "select distinct body_id, report_year from groups",
        "select body_id, report_year, list(report_id) as reports from groups "
        "group by all having count(*) filter (is_canonical) != 1",
    ),
    Comparison(
        "a report that was corrected does not count",
        "from reports where copy_kind = 'superseded'",
        "select body_id, report_year, report_id from groups "
        "where is_canonical and copy_kind = 'superseded'",
    ),
    Comparison(
        "copies point to a copy of the same report",
        "from reports",
        """
        select groups.report_id, groups.canonical_report_id
        from groups left join groups as pointed_at on groups.canonical_report_id = pointed_at.report_id
        where (groups.body_id, groups.report_year)
            is distinct from (pointed_at.body_id, pointed_at.report_year)
        """,
    ),
    Comparison(
        "revisions and what they supersede are told from copies",
        "from reports",
        f"""
        select reports.report_id, reports.copy_kind as drawn, found.copy_kind as found
        from {_OWN}
        where
            reports.copy_kind is distinct from found.copy_kind
            and (
                reports.copy_kind in ('superseded', 'revision')
                or found.copy_kind in ('superseded', 'revision')
            )
        """,
    ),
    Comparison(
        "what a revision corrected is listed, and nothing else",
        "from errors semi join reports on errors.report_id = reports.report_id and copy_kind = 'superseded'",
        """
        select drawn.indicator_code, found.*
        from (
            select errors.*, later.report_id as later_report_id
            from errors inner join reports as later on errors.report_id = later.copied_report_id
            where later.copy_kind = 'revision'
        ) as drawn
        full join gongkai.marts.fct_report_changes as found
            on
                drawn.later_report_id = found.report_id
                and drawn.report_id = found.earlier_report_id
                and drawn.indicator_code = found.indicator_code
                and drawn.column_code = found.column_code
                and drawn.printed_value = found.earlier_value
                and drawn.true_value = found.later_value
        where drawn.report_id is null or found.report_id is null
        """,
    ),
    Comparison(
        "every place of a document is known",
        "from reports",
        """
        select reports.report_id, location_count, found_count
        from reports
        inner join gongkai.marts.dim_report using (report_id)
        inner join (
            select document_id, count(*) as found_count from gongkai.raw.document_locations group by all
        ) using (document_id)
        where location_count != found_count
        """,
    ),
    Comparison(
        "no figure of a fact is other than printed",
        "from found",
        """
        select report_id, indicator_code, column_code, columns.value as drawn, found.value as found
        from found left join columns using (report_id, indicator_code, column_code)
        where columns.value is distinct from found.value or columns.is_blank
        """,
    ),
    Comparison(
        "every figure is in a fact, listed as held back, or in a table with an error",
        "from columns",
        """
        select columns.report_id, indicator_code, column_code, value
        from columns
        anti join found using (report_id, indicator_code, column_code)
        anti join held using (report_id, indicator_code, column_code)
        """,
    ),
    Comparison(
        "tables are read without an error",
        "select distinct report_id, table_code from figures",
        "from damaged",
        is_loss=True,
    ),
    Comparison(
        "figures printed in full are not held back",
        "from due",
        """
        select due.report_id, indicator_code, column_code, value, reason, layout, change, spoil
        from due
        inner join held using (report_id, indicator_code, column_code)
        inner join reports on due.report_id = reports.report_id
        anti join found using (report_id, indicator_code, column_code)
        """,
        is_loss=True,
    ),
    Comparison(
        "what the text states is known",
        "from claims",
        """
        select report_id, indicator_code, drawn.value as drawn, found.value as found
        from claims as drawn full join (
            select report_id, indicator_code, value from gongkai.marts.fct_claims
        ) as found using (report_id, indicator_code)
        where drawn.value is distinct from found.value
        """,
    ),
    _totals(
        "requests by region, year, applicant",
        "fact_code = 'requests' and measure_code = 'new_count'",
        "gongkai.marts.fct_requests",
        "region_code, report_year, applicant_code",
        "new_count",
    ),
    _totals(
        "outcomes by region, year, outcome, applicant",
        "fact_code = 'outcomes'",
        "(select *, outcome_code as indicator_code from gongkai.marts.fct_outcomes)",
        "region_code, report_year, indicator_code, applicant_code",
        "outcome_count",
    ),
    _totals(
        "appeals by region, year, forum, result",
        "fact_code = 'appeals'",
        "gongkai.marts.fct_appeals",
        "region_code, report_year, forum_code, result_code",
        "case_count",
    ),
    Comparison(
        "region_year has a row for every region that reported, with its requests",
        "select distinct region_code, report_year from columns where counts_for_region",
        """
        select region_code, report_year, drawn.new_count as drawn, found.new_count as found
        from (
            select region_code, report_year, any_value(value) filter (
                measure_code = 'new_count' and applicant_code = 'total' and is_yearly and not is_blank
                and (report_id, indicator_code, column_code) not in (
                    select (report_id, indicator_code, column_code) from held
                )
            ) as new_count
            from columns where counts_for_region group by all
        ) as drawn
        full join gongkai.reporting.region_year as found using (region_code, report_year)
        where drawn.new_count is distinct from found.new_count
        """,
    ),
    Comparison(
        "every planted error is found",
        "from errors",
        "from errors anti join failed using (report_id)",
    ),
    Comparison(
        "every rule that must fail does",
        "from failures",
        "from failures anti join failed using (report_id, rule_id, scope_code)",
    ),
    Comparison(
        "no other rule fails",
        "from failed",
        "from failed anti join failures using (report_id, rule_id, scope_code)",
    ),
    Comparison(
        "failures are laid to the source",
        "from failed",
        "from failed semi join failures using (report_id, rule_id, scope_code) "
        "anti join damaged using (report_id, table_code) where cause != 'source'",
    ),
    Comparison(
        "no table is quarantined that was read without an error",
        "from reports",
        f"""
        select report_id, quarantine_reason from {_OWN}
        anti join damaged using (report_id) where quarantine_reason is not null
        """,
    ),
)


def compare(database: Path, truth: Path) -> Iterator[Outcome]:
    """Run every comparison against a warehouse that nobody else has open."""
    with duckdb.connect(":memory:") as connection:
        connection.execute("set preserve_insertion_order = false")
        connection.execute(f"attach '{database}' as gongkai (read_only)")
        for path in sorted(truth.glob("*.parquet")):
            connection.execute(f"create table {path.stem} as from '{path}'")
        connection.execute(_PREPARATION)
        for comparison in COMPARISONS:
            (compared,) = connection.execute(
                f"select count(*) from ({comparison.compared})"
            ).fetchone()
            connection.execute(f"create or replace temp table differing as {comparison.differing}")
            (count,) = connection.execute("select count(*) from differing").fetchone()
            cursor = connection.execute("from differing limit 5")
            names = [column[0] for column in cursor.description]
            rows = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
            yield Outcome(comparison, compared, count, rows)
