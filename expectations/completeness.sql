-- One row per annual report and rule that one of its editions has and that was not evaluated once, and one
-- per rule for all the others.
with editions as (
    select report_id, unnest(string_split(
        concat_ws('|', form_id, form_expected), '|'
    )) as form_id
    from marts.dim_report
    where doc_type = 'annual_report'
    union
    select claims.report_id, edition.form_id
    from (select distinct report_id from marts.fct_claims) as claims
    inner join marts.dim_report as reports
        on claims.report_id = reports.report_id and reports.doc_type = 'annual_report'
    cross join form.form_edition as edition
    where not cast(edition.has_table as boolean)
),

expected as (
    select distinct editions.report_id, covered.rule_id, rules.scope_kind
    from editions
    inner join form.form_rule_edition as covered on editions.form_id = covered.form_id
    inner join form.form_rule as rules on covered.rule_id = rules.rule_id
),

evaluated as (
    select
        report_id,
        rule_id,
        count(*) - count(distinct scope_code) as repeated_count,
    from marts.fct_rule_results
    group by report_id, rule_id
),

compared as (
    select
        coalesce(expected.report_id, evaluated.report_id) as report_id,
        coalesce(expected.rule_id, evaluated.rule_id) as rule_id,
        expected.rule_id is not null as is_expected,
        evaluated.rule_id is not null as is_evaluated,
        coalesce(evaluated.repeated_count, 0) as repeated_count,
        expected.rule_id is null or evaluated.rule_id is null or evaluated.repeated_count > 0
            as is_told,
    from expected
    full join evaluated
        on expected.report_id = evaluated.report_id and expected.rule_id = evaluated.rule_id
),

told as (
    select report_id, rule_id, is_expected, is_evaluated, repeated_count, 1 as row_count
    from compared where is_told
    union all
    select min(report_id), rule_id, true, true, 0, count(*)
    from compared where not is_told group by rule_id
)

select told.*, reports.document
from told
inner join marts.dim_report as reports on told.report_id = reports.report_id
order by rule_id, report_id
