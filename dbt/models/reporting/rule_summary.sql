{{ config(materialized='table') }}

-- One row per report year, edition and rule: how often the rule held. Mirrors are left out.
with residuals as (
    select * from {{ ref('int_rule_residuals') }}
),

numbered_reports as (
    select * from {{ ref('int_reports_numbered') }}
),

canonical_reports as (
    select * from {{ ref('report_overview') }}
    where is_canonical
),

reports as (
    select
        numbered_reports.report_key,
        canonical_reports.report_year,
        canonical_reports.form_id
    from canonical_reports
    inner join numbered_reports on canonical_reports.report_id = numbered_reports.report_id
),

rule_members as (
    select distinct
        instance_no,
        rule_id
    from {{ ref('int_rule_members') }}
),

rules as (
    select * from {{ ref('form_rule') }}
),

counted_members as (
    select
        reports.report_year,
        reports.form_id,
        residuals.instance_no,
        count(*) filter (where residuals.result = 'pass') as passed_count,
        count(*) filter (where residuals.result = 'fail') as failed_count,
        count(*) filter (where residuals.result = 'uncertain') as uncertain_count,
        count(*) filter (where residuals.result = 'not_assessable') as not_assessable_count,
        count(*) filter (where residuals.result = 'fail' and residuals.is_source)
            as source_failure_count
    from residuals
    inner join reports on residuals.report_key = reports.report_key
    group by reports.report_year, reports.form_id, residuals.instance_no
),

counted as (
    select
        counted_members.report_year,
        counted_members.form_id,
        rule_members.rule_id,
        cast(sum(counted_members.passed_count) as bigint) as passed_count,
        cast(sum(counted_members.failed_count) as bigint) as failed_count,
        cast(sum(counted_members.uncertain_count) as bigint) as uncertain_count,
        cast(sum(counted_members.not_assessable_count) as bigint) as not_assessable_count,
        cast(sum(counted_members.source_failure_count) as bigint) as source_failure_count
    from counted_members
    inner join rule_members on counted_members.instance_no = rule_members.instance_no
    group by counted_members.report_year, counted_members.form_id, rule_members.rule_id
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
