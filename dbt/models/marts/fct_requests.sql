{{ config(materialized='incremental', meta={'key': 'report_id', 'state': 'related_state'}) }}

-- One row per report and type of applicant: what came in, what was carried in and out.
with figures as (
    select * from {{ ref('int_figures_chosen') }}
    where fact_code = 'requests' and {{ at_hand('report_key') }}
),

lines as (
    select * from {{ ref('int_lines_resolved') }}
)

select
    figures.report_id,
    figures.applicant_code,
    figures.column_code,
    max({{ whole_number('figures.value') }}) filter (where lines.measure_code = 'new_count')
        as new_count,
    max({{ whole_number('figures.value') }}) filter (where lines.measure_code = 'carried_in_count')
        as carried_in_count,
    max({{ whole_number('figures.value') }}) filter (where lines.measure_code = 'carried_out_count')
        as carried_out_count,
    bool_or(lines.is_series_break) as is_series_break,
    -- Few lines have a caveat, and to put nothing in order costs as much as to put words.
    string_agg(lines.series_caveat_zh, ' ' order by lines.indicator_code) filter (
        where lines.series_caveat_zh is not null
    ) as series_caveat_zh,
    string_agg(lines.series_caveat_en, ' ' order by lines.indicator_code) filter (
        where lines.series_caveat_en is not null
    ) as series_caveat_en,
    figures.value_source
from figures
-- One line per edition and indicator.
inner join lines on figures.line_key = lines.line_key
group by figures.report_id, figures.applicant_code, figures.column_code, figures.value_source
