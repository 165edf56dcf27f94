{{ config(materialized='table') }}

-- One row per failed rule of an annual report and member of its scope, in words.
with rule_results as (
    select * from {{ ref('fct_rule_results') }}
    where result = 'fail'
),

reports as (
    select * from {{ ref('report_overview') }}
),

rules as (
    select * from {{ ref('form_rule') }}
)

select
    rule_results.report_id,
    reports.document,
    reports.report_no,
    reports.publisher_name,
    reports.region_name_zh,
    reports.region_name_en,
    reports.report_year,
    reports.form_id,
    reports.is_canonical,
    rule_results.rule_id,
    rule_results.scope_code,
    rules.table_code,
    rules.description_zh as rule_zh,
    rules.description_en as rule_en,
    rule_results.left_value,
    rule_results.right_value,
    rule_results.residual,
    rule_results.operands,
    rule_results.cause,
    rule_results.severity,
    rule_results.is_source_discrepancy,
    rule_results.has_exception,
    rule_results.exception_reason,
    rule_results.exception_evidence
from rule_results
inner join reports on rule_results.report_id = reports.report_id
inner join rules on rule_results.rule_id = rules.rule_id
