-- One row per report, type of applicant and outcome.
with figures as (
    select * from {{ ref('int_figures_chosen') }}
    where fact_code = 'outcomes'
),

lines as (
    select * from {{ ref('int_lines_resolved') }}
    where fact_code = 'outcomes'
),

-- Outcomes that an edition may print alone, or above their parts.
part_lines as (
    select
        lines.form_id,
        lines.indicator_code,
        lines.parent_code
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
        figures.report_id,
        figures.applicant_code,
        part_lines.parent_code
    from figures
    inner join part_lines
        on
            figures.form_id = part_lines.form_id
            and figures.indicator_code = part_lines.indicator_code
)

select
    figures.report_id,
    figures.applicant_code,
    figures.indicator_code as outcome_code,
    figures.column_code,
    lines.series_code,
    cast(figures.value as bigint) as outcome_count,
    lines.outcome_level,
    lines.is_total or parted.report_id is not null as is_total,
    lines.is_series_break,
    lines.series_caveat_zh,
    lines.series_caveat_en,
    figures.value_source
from figures
-- One line per edition and indicator.
inner join lines
    on
        figures.form_id = lines.form_id
        and figures.indicator_code = lines.indicator_code
left join parted
    on
        figures.report_id = parted.report_id
        and figures.applicant_code = parted.applicant_code
        and figures.indicator_code = parted.parent_code
