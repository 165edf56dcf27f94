-- One row per canonical annual report, series and type of applicant: figures that go on across the
-- editions of the form, with what breaks them and why one is missing.
with summed as (
    select * from {{ ref('int_series_summed') }}
),

series_editions as (
    select * from {{ ref('int_series_editions') }}
),

numbered_reports as (
    select * from {{ ref('int_reports_numbered') }}
),

reports as (
    select * from {{ ref('dim_report') }}
),

reasons as (
    select * from {{ ref('missing_reason') }}
)

select
    reports.report_id,
    reports.publisher_id,
    reports.publisher_name,
    reports.region_code,
    reports.report_year,
    reports.scope,
    reports.is_region_report,
    series_editions.form_id,
    series_editions.fact_code,
    series_editions.series_code,
    series_editions.series_zh,
    series_editions.series_en,
    summed.applicant_code,
    summed.value,
    cast(summed.value_source as varchar) as value_source,
    series_editions.mapping_type,
    series_editions.part_codes,
    series_editions.is_series_break,
    series_editions.caveat_zh,
    series_editions.caveat_en,
    summed.missing_reason_code,
    reasons.reason_zh as missing_reason_zh,
    reasons.reason_en as missing_reason_en
from summed
inner join numbered_reports on summed.report_key = numbered_reports.report_key
inner join reports on numbered_reports.report_id = reports.report_id
-- One row per edition and series.
inner join series_editions on summed.series_key = series_editions.series_key
left join reasons on summed.missing_reason_code = reasons.reason_code
