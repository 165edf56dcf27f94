-- One row per figure that differs between a version of a report and the version before it.
with reports as (
    select * from {{ ref('int_reports_canonical') }}
),

figures as (
    select * from {{ ref('int_figures_stated') }}
),

versions as (
    select
        report_id,
        earlier_version_report_id as earlier_report_id,
        version_order
    from reports
    where report_id = version_report_id and earlier_version_report_id is not null
),

sides as (
    select
        report_id,
        report_id as side_report_id,
        true as is_later
    from versions

    union all

    select
        report_id,
        earlier_report_id as side_report_id,
        false as is_later
    from versions
),

-- One row per figure that either version states; a version states a figure once.
compared as (
    select
        sides.report_id,
        figures.value_source,
        figures.table_code,
        figures.indicator_code,
        figures.column_code,
        figures.qualifier,
        any_value(figures.value) filter (where not sides.is_later) as earlier_value,
        any_value(figures.value) filter (where sides.is_later) as later_value
    from sides
    inner join figures on sides.side_report_id = figures.report_id
    group by all
),

-- A table that one version lacks was lost, not changed; prose is free in what it repeats.
differing as (
    select * from compared
    qualify
        earlier_value is distinct from later_value
        and case value_source
            when 'claim' then earlier_value is not null and later_value is not null
            else
                count(earlier_value) over (partition by report_id, table_code) > 0
                and count(later_value) over (partition by report_id, table_code) > 0
        end
)

select
    differing.report_id,
    versions.earlier_report_id,
    differing.indicator_code,
    differing.column_code,
    differing.qualifier,
    differing.value_source,
    differing.earlier_value,
    differing.later_value,
    versions.version_order != 'undecided' as is_order_known
from differing
inner join versions on differing.report_id = versions.report_id
