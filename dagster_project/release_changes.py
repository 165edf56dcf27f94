"""What differs between two releases, and why: one table of changes, worked out in DuckDB.

Sets, not loops: reports whose figures are the same throughout are told by a fingerprint, and only
the others are joined figure by figure. Nothing is written here.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

from dagster_project.connections import open_memory

DATABASE = "gongkai.duckdb"

_CHANGES = """
    create temp table changes (
        change_kind text, report_id text, earlier_report_id text, table_name text,
        column_name text, indicator_code text, column_code text, qualifier text, rule_id text,
        scope_code text, old_value text, new_value text, cause text, detail text
    );
"""

_TABLES = """
    create temp table shapes as
    select
        schema_name || '.' || table_name as table_name,
        column_name,
        max(data_type) filter (where database_name = 'earlier') as old_type,
        max(data_type) filter (where database_name = 'later') as new_type,
        max(comment) filter (where database_name = 'later') as detail
    from duckdb_columns()
    where database_name in ('earlier', 'later')
    group by all;

    insert into changes by name
    select
        case when bool_or(old_type is not null) then 'table_removed' else 'table_added' end
            as change_kind,
        table_name
    from shapes
    group by table_name
    having bool_and(old_type is null) or bool_and(new_type is null);

    insert into changes by name
    select
        case
            when old_type is null then 'column_added'
            when new_type is null then 'column_removed'
            else 'column_type_changed'
        end as change_kind,
        table_name,
        column_name,
        old_type as old_value,
        new_type as new_value,
        detail
    from shapes
    anti join changes using (table_name)
    where old_type is distinct from new_type;
"""

# A pair is a report of the earlier release and the one that now stands in its place.
_REPORTS = """
    create temp table pairs as
    select report_id as earlier_report_id, report_id, 'same' as pair_kind
    from earlier.marts.dim_report semi join later.marts.dim_report using (report_id);

    create temp table gone as
    from earlier.marts.dim_report anti join later.marts.dim_report using (report_id);

    create temp table arrived as
    from later.marts.dim_report anti join earlier.marts.dim_report using (report_id);

    -- The same place in the same file, other bytes.
    insert into pairs
    with old_places as (
        from gone
        qualify count(*) over (partition by collection, document, report_no) = 1
    ),
    new_places as (
        from arrived
        qualify count(*) over (partition by collection, document, report_no) = 1
    )
    select old_places.report_id, new_places.report_id, 'document_changed'
    from old_places
    inner join new_places
        on
            old_places.collection is not distinct from new_places.collection
            and old_places.document = new_places.document
            and old_places.report_no = new_places.report_no;

    -- Another copy or version counts now.
    insert into pairs
    select
        old.report_id,
        new.canonical_report_id,
        case
            when arrived.report_id is null then 'canonical_rechosen'
            when versions.{version} != new.{version} then 'revision_arrived'
            else 'copy_arrived'
        end
    from earlier.marts.dim_report as old
    inner join later.marts.dim_report as new on old.report_id = new.report_id
    inner join later.marts.dim_report as versions on new.canonical_report_id = versions.report_id
    left join arrived on new.canonical_report_id = arrived.report_id
    where old.is_canonical and not new.is_canonical;

    insert into changes by name
    select
        case
            when pair_kind = 'document_changed' then 'report_replaced' else 'canonical_changed'
        end as change_kind,
        report_id,
        earlier_report_id,
        'marts.dim_report' as table_name,
        earlier_report_id as old_value,
        report_id as new_value,
        pair_kind as cause
    from pairs
    where pair_kind != 'same';

    insert into changes by name
    select 'report_added' as change_kind, report_id, 'marts.dim_report' as table_name
    from arrived anti join pairs using (report_id);

    -- One that replaced nothing but took the place of a copy is new as well.
    insert into changes by name
    select 'report_added' as change_kind, report_id, 'marts.dim_report' as table_name
    from arrived semi join pairs using (report_id)
    where report_id not in (select report_id from pairs where pair_kind = 'document_changed');

    insert into changes by name
    select
        'report_removed' as change_kind,
        report_id as earlier_report_id,
        'marts.dim_report' as table_name
    from gone
    where report_id not in (select earlier_report_id from pairs);

    -- What is said of a report itself.
    insert into changes by name
    with told as (
        unpivot (
            select report_id, 'old' as side, {told} from earlier.marts.dim_report
            union all
            select report_id, 'new' as side, {told} from later.marts.dim_report
        )
        on {names} into name column_name value told_value
    )
    select
        'report_retold' as change_kind,
        report_id,
        report_id as earlier_report_id,
        'marts.dim_report' as table_name,
        column_name,
        max(told_value) filter (where side = 'old') as old_value,
        max(told_value) filter (where side = 'new') as new_value,
        '{reader_cause}' as cause
    from told
    semi join pairs using (report_id)
    where report_id in (select report_id from pairs where pair_kind = 'same')
    group by report_id, column_name
    having old_value is distinct from new_value;
"""

_TOLD = (
    "doc_type",
    "publisher_id",
    "region_code",
    "report_year",
    "form_id",
    "scope",
    "reconciliation_status",
)

_VALUES = """
    create temp table prints as
    select
        'old' as side,
        report_id,
        bit_xor(hash(fact, indicator_code, column_code, qualifier, value, value_source)) as print
    from earlier.reporting.figures group by all
    union all
    select
        'new' as side,
        report_id,
        bit_xor(hash(fact, indicator_code, column_code, qualifier, value, value_source)) as print
    from later.reporting.figures group by all;

    create temp table differing as
    select pairs.*
    from pairs
    left join prints as old on pairs.earlier_report_id = old.report_id and old.side = 'old'
    left join prints as new on pairs.report_id = new.report_id and new.side = 'new'
    where old.print is distinct from new.print;

    insert into changes by name
    with old_figures as (
        select differing.*, figures.* exclude (report_id)
        from differing
        inner join earlier.reporting.figures as figures
            on differing.earlier_report_id = figures.report_id
    ),
    new_figures as (
        select differing.*, figures.* exclude (report_id)
        from differing
        inner join later.reporting.figures as figures on differing.report_id = figures.report_id
    ),
    old_held as (
        select report_id, indicator_code, column_code, any_value(reason) as reason
        from earlier.marts.fct_values_held_back group by all
    ),
    new_held as (
        select report_id, indicator_code, column_code, any_value(reason) as reason
        from later.marts.fct_values_held_back group by all
    ),
    compared as (
        select
            earlier_report_id,
            report_id,
            pair_kind,
            fact,
            indicator_code,
            column_code,
            qualifier,
            old_figures.value as old_number,
            new_figures.value as new_number,
            old_figures.value_source as old_source,
            new_figures.value_source as new_source
        from old_figures
        full outer join new_figures
            using (
                earlier_report_id, report_id, pair_kind,
                fact, indicator_code, column_code, qualifier
            )
        where
            (old_figures.value, old_figures.value_source)
            is distinct from (new_figures.value, new_figures.value_source)
    )
    select
        case
            when compared.old_number is null then 'value_added'
            when compared.new_number is null then 'value_removed'
            else 'value_changed'
        end as change_kind,
        compared.report_id,
        compared.earlier_report_id,
        'marts.' || compared.fact as table_name,
        compared.indicator_code,
        compared.column_code,
        compared.qualifier,
        {number_old} as old_value,
        {number_new} as new_value,
        case
            when compared.pair_kind != 'same' then compared.pair_kind
            when compared.new_number is null and new_held.reason is not null then 'held_back'
            when compared.old_number is null and old_held.reason is not null then 'released'
            else '{reader_cause}'
        end as cause,
        case
            when compared.pair_kind != 'same' then null
            when compared.new_number is null then new_held.reason
            when compared.old_number is null then old_held.reason
            when compared.old_source != compared.new_source
                then compared.old_source || ' -> ' || compared.new_source
        end as detail
    from compared
    left join old_held
        on
            compared.earlier_report_id = old_held.report_id
            and compared.indicator_code = old_held.indicator_code
            and compared.column_code = old_held.column_code
    left join new_held
        on
            compared.report_id = new_held.report_id
            and compared.indicator_code = new_held.indicator_code
            and compared.column_code = new_held.column_code;
"""

_RULES = """
    create temp table rule_states as
    with definitions as (
        select 'old' as side, rule_id, hash(rules) as part from earlier.form.form_rule as rules
        union all
        select 'old', rule_id, hash(terms) from earlier.form.form_rule_term as terms
        union all
        select 'new', rule_id, hash(rules) from later.form.form_rule as rules
        union all
        select 'new', rule_id, hash(terms) from later.form.form_rule_term as terms
    )
    select
        rule_id,
        bit_xor(part) filter (where side = 'old') as old_definition,
        bit_xor(part) filter (where side = 'new') as new_definition
    from definitions
    group by rule_id;

    create temp table rule_prints as
    select 'old' as side, report_id, bit_xor(hash(rule_id, scope_code, result, cause)) as print
    from earlier.marts.fct_rule_results group by all
    union all
    select 'new' as side, report_id, bit_xor(hash(rule_id, scope_code, result, cause)) as print
    from later.marts.fct_rule_results group by all;

    create temp table judged as
    select report_id
    from pairs
    left join rule_prints as old using (report_id)
    left join rule_prints as new using (report_id)
    where
        pairs.pair_kind = 'same'
        and old.side = 'old' and new.side = 'new'
        and old.print is distinct from new.print;

    insert into changes by name
    with figures_changed as (
        select distinct report_id from changes where change_kind like 'value_%'
    ),
    old_results as (from earlier.marts.fct_rule_results semi join judged using (report_id)),
    new_results as (from later.marts.fct_rule_results semi join judged using (report_id)),
    compared as (
        select
            report_id,
            rule_id,
            scope_code,
            concat_ws(' ', old_results.result, nullif(old_results.cause, '')) as old_result,
            concat_ws(' ', new_results.result, nullif(new_results.cause, '')) as new_result,
            new_results.operands
        from old_results
        full outer join new_results using (report_id, rule_id, scope_code)
    )
    select
        'rule_result_changed' as change_kind,
        compared.report_id,
        compared.report_id as earlier_report_id,
        'marts.fct_rule_results' as table_name,
        compared.rule_id,
        compared.scope_code,
        nullif(compared.old_result, '') as old_value,
        nullif(compared.new_result, '') as new_value,
        case
            when rule_states.old_definition is null then 'rule_added'
            when rule_states.new_definition is null then 'rule_removed'
            when rule_states.old_definition != rule_states.new_definition then 'rule_changed'
            when figures_changed.report_id is not null then 'figures_changed'
            -- The year before, or a region below.
            else 'other_reports_changed'
        end as cause,
        compared.operands as detail
    from compared
    left join rule_states on compared.rule_id = rule_states.rule_id
    left join figures_changed on compared.report_id = figures_changed.report_id
    where compared.old_result is distinct from compared.new_result;
"""

_RESULT = """
    create temp table described as
    select
        changes.change_kind,
        changes.report_id,
        changes.earlier_report_id,
        coalesce(new.publisher_name, old.publisher_name) as publisher_name,
        coalesce(new.report_year, old.report_year) as report_year,
        coalesce(new.document, old.document) as document,
        changes.* exclude (change_kind, report_id, earlier_report_id)
    from changes
    left join later.marts.dim_report as new on changes.report_id = new.report_id
    left join earlier.marts.dim_report as old on changes.earlier_report_id = old.report_id
    order by all;
"""


@contextmanager
def compare_releases(earlier: Path, later: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """Work out what differs between two releases.

    Args:
        earlier: folder of the release to compare with.
        later: folder of the release whose changes are told; need not be finished.

    Yields:
        A connection with the table ``described``: one row per change, old and new value as text,
        cause in a word. The releases are attached to it as ``earlier`` and ``later``.

    Raises:
        duckdb.Error: one of them has no database that could be compared.
    """
    with open_memory() as connection:
        for name, folder in (("earlier", earlier), ("later", later)):
            path = str((folder / DATABASE).resolve()).replace("'", "''")
            connection.execute(f"attach '{path}' as {name} (read_only)")
        told = [name for name in _TOLD if _both_have(connection, name)]
        has_versions = _both_have(connection, "revision_no", ("later",))
        words = {
            "told": ", ".join(f"cast({name} as varchar) as {name}" for name in told),
            "names": ", ".join(told),
            # Releases older than the distinction know copies only.
            "version": "revision_no" if has_versions else "canonical_report_id",
            "reader_cause": read_reader_cause(connection),
            "number_old": _number("compared.old_number"),
            "number_new": _number("compared.new_number"),
        }
        connection.execute(_CHANGES)
        connection.execute(_TABLES)
        for script in (_REPORTS, _VALUES, _RULES, _RESULT):
            connection.execute(script.format(**words))
        yield connection


def read_reader_cause(connection: duckdb.DuckDBPyConnection) -> str:
    """Why the same bytes may give other figures: the parser, the dictionary, or else the models."""
    parser, dictionary = connection.execute(
        """
        select
            old.parser_version != new.parser_version,
            old.dictionary_sha256 != new.dictionary_sha256
        from earlier.reporting.release as old, later.reporting.release as new
        """
    ).fetchone() or (False, False)
    if parser and dictionary:
        return "parser_and_dictionary_changed"
    if parser:
        return "parser_changed"
    return "dictionary_changed" if dictionary else "models_or_other_reports_changed"


def _both_have(
    connection: duckdb.DuckDBPyConnection,
    column: str,
    databases: tuple[str, ...] = ("earlier", "later"),
) -> bool:
    found = connection.execute(
        """
        select count(*) from duckdb_columns()
        where table_name = 'dim_report' and column_name = ? and database_name in (select unnest(?))
        """,
        [column, list(databases)],
    ).fetchone()
    return found == (len(databases),)


def _number(column: str) -> str:
    """A decimal as text without idle zeros."""
    return f"rtrim(rtrim(cast({column} as varchar), '0'), '.')"
