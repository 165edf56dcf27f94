-- One row per figure that reaches a fact: a table cell that nothing holds back, or a claim that no
-- cell makes superfluous. What it means, its line says.
with cells as not materialized (
    select * from {{ ref('int_cells_judged') }}
    where held_back_reason = ''
),

claims as (
    select * from {{ ref('int_claims_chosen') }}
),

reports as (
    select * from {{ ref('int_reports_numbered') }}
)

select
    report_key,
    report_id,
    form_id,
    'table' as value_source,
    fact_code,
    line_key,
    indicator_code,
    column_code,
    '' as qualifier,
    applicant_code,
    value
from cells

union all

select
    claims.report_key,
    reports.report_id,
    claims.form_id,
    'claim' as value_source,
    claims.fact_code,
    claims.line_key,
    claims.indicator_code,
    '' as column_code,
    claims.qualifier,
    claims.applicant_code,
    claims.value
from claims
inner join reports on claims.report_key = reports.report_key
