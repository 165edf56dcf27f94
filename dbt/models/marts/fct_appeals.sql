-- One row per report, forum and result.
with figures as (
    select * from {{ ref('int_figures_chosen') }}
)

select
    report_id,
    forum_code,
    result_code,
    forum_code || '-' || result_code as appeal_result_code,
    indicator_code,
    column_code,
    series_code,
    cast(value as bigint) as case_count,
    is_total,
    is_series_break,
    series_caveat_zh,
    series_caveat_en,
    value_source
from figures
where fact_code = 'appeals'
