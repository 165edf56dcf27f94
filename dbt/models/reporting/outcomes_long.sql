-- One row per canonical annual report, type of applicant and outcome, in words.
with outcomes as (
    select * from {{ ref('fct_outcomes') }}
),

reports as (
    select * from {{ ref('report_overview') }}
    where is_canonical
),

dim_outcomes as (
    select * from {{ ref('dim_outcome') }}
),

applicants as (
    select * from {{ ref('dim_applicant') }}
)

select
    reports.report_id,
    reports.report_year,
    reports.publisher_id,
    reports.publisher_name,
    reports.region_code,
    reports.region_name_zh,
    reports.region_name_en,
    reports.region_level,
    reports.is_region_report,
    reports.scope,
    reports.form_id,
    reports.reconciliation_status,
    applicants.applicant_code,
    applicants.label_zh as applicant_zh,
    applicants.label_en as applicant_en,
    applicants.is_total as is_all_applicants,
    outcomes.outcome_code,
    dim_outcomes.label_zh as outcome_zh,
    dim_outcomes.label_en as outcome_en,
    outcomes.outcome_level,
    outcomes.is_total,
    outcomes.series_code,
    dim_outcomes.series_zh,
    dim_outcomes.series_en,
    dim_outcomes.group_series_code,
    dim_outcomes.group_zh,
    dim_outcomes.group_en,
    outcomes.is_series_break,
    outcomes.series_caveat_zh,
    outcomes.series_caveat_en,
    outcomes.outcome_count,
    outcomes.value_source
from outcomes
inner join reports on outcomes.report_id = reports.report_id
inner join dim_outcomes on outcomes.outcome_code = dim_outcomes.outcome_code
inner join applicants on outcomes.applicant_code = applicants.applicant_code
