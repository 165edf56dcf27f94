{{ config(materialized='incremental', meta={'key': 'report_id', 'state': 'related_state'}) }}

-- One row per report and indicator of staff, funds, training, fees and service.
with figures as (
    select * from {{ ref('int_figures_chosen') }}
    where fact_code = 'capacity' and {{ at_hand('report_key') }}
),

lines as (
    select * from {{ ref('int_lines_resolved') }}
)

select
    figures.report_id,
    figures.indicator_code,
    figures.column_code,
    figures.value,
    lines.unit,
    lines.series_code,
    lines.is_total,
    lines.is_series_break,
    lines.series_caveat_zh,
    lines.series_caveat_en,
    figures.value_source
from figures
-- One line per edition and indicator.
inner join lines on figures.line_key = lines.line_key
