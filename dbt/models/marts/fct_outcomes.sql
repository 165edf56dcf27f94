{{ config(materialized='incremental', meta={'key': 'report_id', 'state': 'related_state'}) }}

-- One row per report, type of applicant and outcome.
with figures as not materialized (
    select * from {{ ref('int_figures_chosen') }}
    where fact_code = 'outcomes' and {{ at_hand('report_key') }}
),

lines as (
    select * from {{ ref('int_lines_resolved') }}
    where fact_code = 'outcomes'
),

-- Outcomes that an edition may print alone, or above their parts.
part_lines as (
    select
        lines.line_key,
        above.line_key as parent_line_key
    from lines
    inner join lines as above
        on
            lines.form_id = above.form_id
            and lines.parent_code = above.indicator_code
    where lines.outcome_level = 'outcome' and not above.is_total
),

-- A row may be printed alone in one report and above its parts in another, where it repeats them.
parted as (
    select distinct
        figures.report_key,
        figures.applicant_code,
        part_lines.parent_line_key
    from figures
    inner join part_lines on figures.line_key = part_lines.line_key
)

select
    figures.report_id,
    figures.applicant_code,
    figures.indicator_code as outcome_code,
    figures.column_code,
    lines.series_code,
    {{ whole_number('figures.value') }} as outcome_count,
    lines.outcome_level,
    lines.is_total or parted.report_key is not null as is_total,
    lines.is_series_break,
    lines.series_caveat_zh,
    lines.series_caveat_en,
    figures.value_source
from figures
-- One line per edition and indicator.
inner join lines on figures.line_key = lines.line_key
left join parted
    on
        figures.report_key = parted.report_key
        and figures.applicant_code = parted.applicant_code
        and figures.line_key = parted.parent_line_key
