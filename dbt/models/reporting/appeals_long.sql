-- One row per canonical annual report, forum and result, in words.
with appeals as (
    select * from {{ ref('fct_appeals') }}
),

reports as (
    select * from {{ ref('report_overview') }}
    where is_canonical
),

results as (
    select * from {{ ref('dim_appeal_result') }}
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
    appeals.forum_code,
    appeals.result_code,
    results.label_zh as result_zh,
    results.label_en as result_en,
    appeals.is_total,
    appeals.series_code,
    appeals.is_series_break,
    appeals.series_caveat_zh,
    appeals.series_caveat_en,
    appeals.case_count,
    appeals.value_source
from appeals
inner join reports on appeals.report_id = reports.report_id
inner join results on appeals.appeal_result_code = results.appeal_result_code
