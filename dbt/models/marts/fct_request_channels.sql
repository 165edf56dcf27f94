-- One row per report and channel by which requests came.
with figures as (
    select * from {{ ref('int_figures_chosen') }}
)

select
    report_id,
    channel_code,
    indicator_code,
    column_code,
    cast(value as bigint) as request_count,
    series_code,
    is_series_break,
    series_caveat_zh,
    series_caveat_en,
    value_source
from figures
where fact_code = 'request_channels'
