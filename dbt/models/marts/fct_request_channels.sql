{{ config(materialized='incremental', meta={'key': 'report_id', 'state': 'related_state'}) }}

-- One row per report and channel by which requests came.
with figures as (
    select * from {{ ref('int_figures_chosen') }}
    where fact_code = 'request_channels' and {{ at_hand('report_key') }}
),

lines as (
    select * from {{ ref('int_lines_resolved') }}
)

select
    figures.report_id,
    lines.channel_code,
    figures.indicator_code,
    figures.column_code,
    {{ whole_number('figures.value') }} as request_count,
    lines.series_code,
    lines.is_series_break,
    lines.series_caveat_zh,
    lines.series_caveat_en,
    figures.value_source
from figures
-- One line per edition and indicator.
inner join lines on figures.line_key = lines.line_key
