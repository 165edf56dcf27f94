{{ config(materialized='table') }}

-- One row per pair of readings in a family: how far their figures agree. A reading stands for all
-- copies that say the same throughout.
with reports as (
    select * from {{ ref('int_reports_grouped') }}
),

figures as (
    select * from {{ ref('int_figures_stated') }}
),

readings as (
    select
        report_id,
        family_id,
        family_rank
    from reports
    where report_id = reading_id
),

pairs as (
    select
        readings.report_id as fuller_report_id,
        others.report_id as other_report_id
    from readings
    inner join readings as others
        on
            readings.family_id = others.family_id
            and readings.family_rank < others.family_rank
),

paired as (
    select fuller_report_id as report_id from pairs
    union
    select other_report_id as report_id from pairs
),

-- Most reports are alone in their family: only those that are not have their figures joined.
paired_figures as materialized (
    select figures.*
    from figures
    inner join paired on figures.report_id = paired.report_id
),

-- By themselves, so that reports meet before their figures do: all reports have the same figures.
fuller_figures as materialized (
    select
        pairs.fuller_report_id,
        pairs.other_report_id,
        figures.table_code,
        figures.indicator_code,
        figures.column_code,
        figures.qualifier,
        figures.value
    from pairs
    inner join paired_figures as figures on pairs.fuller_report_id = figures.report_id
),

common_figures as (
    select
        fuller_figures.fuller_report_id,
        fuller_figures.other_report_id,
        fuller_figures.value,
        other_figures.value as other_value
    from fuller_figures
    -- A figure has one value in a report.
    inner join paired_figures as other_figures
        on
            fuller_figures.other_report_id = other_figures.report_id
            and fuller_figures.table_code = other_figures.table_code
            and fuller_figures.indicator_code = other_figures.indicator_code
            and fuller_figures.column_code = other_figures.column_code
            and fuller_figures.qualifier = other_figures.qualifier
),

counted as (
    select
        fuller_report_id,
        other_report_id,
        count(*) as common_count,
        -- That both say 0 where most say 0 tells little.
        count(*) filter (where value != 0 or other_value != 0) as telling_count,
        count(*) filter (where value != other_value) as differing_count
    from common_figures
    group by fuller_report_id, other_report_id
)

select
    pairs.fuller_report_id,
    pairs.other_report_id,
    coalesce(counted.common_count, 0) as common_count,  -- nothing in common is no row
    coalesce(counted.telling_count, 0) as telling_count,
    coalesce(counted.differing_count, 0) as differing_count
from pairs
left join counted
    on
        pairs.fuller_report_id = counted.fuller_report_id
        and pairs.other_report_id = counted.other_report_id
