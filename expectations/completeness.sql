-- One row per annual report and rule that one of its editions has: how often was it evaluated?
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
        count(*) as result_count,
        count(*) - count(distinct scope_code) as repeated_count,
    from marts.fct_rule_results
    group by report_id, rule_id
)

select
    coalesce(expected.report_id, evaluated.report_id) as report_id,
    reports.document,
    coalesce(expected.rule_id, evaluated.rule_id) as rule_id,
    expected.rule_id is not null as is_expected,
    coalesce(evaluated.result_count, 0) as result_count,
    coalesce(evaluated.repeated_count, 0) as repeated_count,
from expected
full join evaluated
    on expected.report_id = evaluated.report_id and expected.rule_id = evaluated.rule_id
inner join marts.dim_report as reports
    on coalesce(expected.report_id, evaluated.report_id) = reports.report_id
order by rule_id, report_id
