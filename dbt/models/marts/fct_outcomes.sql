-- One row per report, type of applicant and outcome.
with figures as (
    select * from {{ ref('int_figures_chosen') }}
)

select
    report_id,
    applicant_code,
    indicator_code as outcome_code,
    column_code,
    series_code,
    cast(value as bigint) as outcome_count,
    outcome_level,
    is_total,
    is_series_break,
    series_caveat_zh,
    series_caveat_en,
    value_source
from figures
where fact_code = 'outcomes'
