-- One row per report and indicator of proactive disclosure.
with figures as (
    select * from {{ ref('int_figures_chosen') }}
)

select
    report_id,
    indicator_code,
    column_code,
    value,
    unit,
    series_code,
    is_total,
    is_series_break,
    series_caveat_zh,
    series_caveat_en,
    value_source
from figures
where fact_code = 'proactive_disclosure'
