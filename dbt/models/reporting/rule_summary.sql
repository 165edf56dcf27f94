{{ config(materialized='table') }}

-- One row per report year, edition and rule: how often the rule held. Mirrors are left out.
with residuals as (
    select * from {{ ref('int_rule_residuals') }}
),

reports as (
    select * from {{ ref('report_overview') }}
    where is_canonical
),

rules as (
    select * from {{ ref('form_rule') }}
),

counted as (
    select
        reports.report_year,
        reports.form_id,
        residuals.rule_id,
        count(*) filter (where residuals.result = 'pass') as passed_count,
        count(*) filter (where residuals.result = 'fail') as failed_count,
        count(*) filter (where residuals.result = 'uncertain') as uncertain_count,
        count(*) filter (where residuals.result = 'not_assessable') as not_assessable_count,
        count(*) filter (where residuals.cause = 'source') as source_failure_count
    from residuals
    inner join reports on residuals.report_id = reports.report_id
    group by reports.report_year, reports.form_id, residuals.rule_id
)

select
    counted.report_year,
    counted.form_id,
    counted.rule_id,
    rules.table_code,
    rules.rule_kind,
    rules.severity,
    rules.description_zh as rule_zh,
    rules.description_en as rule_en,
    counted.passed_count,
    counted.failed_count,
    counted.uncertain_count,
    counted.not_assessable_count,
    -- A failed rule of severity info flags nothing.
    case when rules.severity = 'info' then 0 else counted.source_failure_count end
        as discrepancy_count
from counted
inner join rules on counted.rule_id = rules.rule_id
