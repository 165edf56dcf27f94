-- One row per report, type of applicant and outcome.
with figures as (
    select * from {{ ref('int_figures_chosen') }}
    where fact_code = 'outcomes'
),

-- A row may be printed alone in one report and above its parts in another, where it repeats them.
parted as (
    select distinct
        report_id,
        applicant_code,
        parent_code
    from figures
    where outcome_level = 'outcome'
)

select
    figures.report_id,
    figures.applicant_code,
    figures.indicator_code as outcome_code,
    figures.column_code,
    figures.series_code,
    cast(figures.value as bigint) as outcome_count,
    figures.outcome_level,
    figures.is_total or parted.report_id is not null as is_total,
    figures.is_series_break,
    figures.series_caveat_zh,
    figures.series_caveat_en,
    figures.value_source
from figures
left join parted
    on
        figures.report_id = parted.report_id
        and figures.applicant_code = parted.applicant_code
        and figures.indicator_code = parted.parent_code
