{{ config(materialized='table') }}

-- One row per report year, edition and rule: how often the rule held. Mirrors are left out.
with rule_results as (
    select * from {{ ref('fct_rule_results') }}
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
        rule_results.rule_id,
        count(*) filter (where rule_results.result = 'pass') as passed_count,
        count(*) filter (where rule_results.result = 'fail') as failed_count,
        count(*) filter (where rule_results.result = 'uncertain') as uncertain_count,
        count(*) filter (where rule_results.result = 'not_assessable') as not_assessable_count,
        count(*) filter (where rule_results.is_source_discrepancy) as discrepancy_count
    from rule_results
    inner join reports on rule_results.report_id = reports.report_id
    group by reports.report_year, reports.form_id, rule_results.rule_id
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
    counted.discrepancy_count
from counted
inner join rules on counted.rule_id = rules.rule_id
