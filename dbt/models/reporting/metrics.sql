{{ config(materialized='incremental', meta={'key': 'report_id', 'state': 'body_state'}) }}

-- One row per canonical annual report, metric and member: a percentage with its two figures, since
-- when it can be compared, and the reason where it has no value.
with operands as (
    select * from {{ ref('int_metric_operands') }}
    where {{ at_hand('report_id') }}
),

metrics as (
    select * from {{ ref('metric') }}
),

reports as (
    select * from {{ ref('dim_report') }}
),

applicants as (
    select * from {{ ref('dim_applicant') }}
),

series_editions as (
    select * from {{ ref('int_series_editions') }}
),

reasons as (
    select * from {{ ref('missing_reason') }}
),

members as (
    select
        applicant_code as member_code,
        label_zh as member_zh,
        label_en as member_en
    from applicants

    union all

    select distinct
        series_code as member_code,
        series_zh as member_zh,
        series_en as member_en
    from series_editions
)

select
    operands.report_id,
    reports.publisher_id,
    reports.publisher_name,
    reports.region_code,
    reports.report_year,
    reports.form_id,
    reports.scope,
    reports.is_region_report,
    operands.metric_code,
    metrics.label_zh as metric_zh,
    metrics.label_en as metric_en,
    operands.member_code,
    members.member_zh,
    members.member_en,
    operands.numerator,
    operands.denominator,
    cast(
        case
            when operands.missing_reason_code is null
                then {{ percentage('operands.numerator', 'operands.denominator') }}
        end as decimal(24, 6)
    ) as value,
    metrics.unit,
    operands.is_series_break,
    operands.comparable_from_year,
    concat_ws(' ', metrics.caveat_zh, operands.caveat_zh) as caveat_zh,
    concat_ws(' ', metrics.caveat_en, operands.caveat_en) as caveat_en,
    operands.missing_reason_code,
    reasons.reason_zh as missing_reason_zh,
    reasons.reason_en as missing_reason_en
from operands
inner join metrics on operands.metric_code = metrics.metric_code
inner join reports on operands.report_id = reports.report_id
-- Codes of applicants and of series do not meet.
left join members on operands.member_code = members.member_code
left join reasons on operands.missing_reason_code = reasons.reason_code
