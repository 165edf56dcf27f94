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

later_figures as (
    select
        versions.report_id,
        figures.* exclude (report_id)
    from versions
    inner join figures on versions.report_id = figures.report_id
),

earlier_figures as (
    select
        versions.report_id,
        figures.* exclude (report_id)
    from versions
    inner join figures on versions.earlier_report_id = figures.report_id
),

later_tables as (
    select distinct
        report_id,
        table_code
    from later_figures
    where value_source = 'table'
),

earlier_tables as (
    select distinct
        report_id,
        table_code
    from earlier_figures
    where value_source = 'table'
),

-- A table that one version lacks was lost, not changed; prose is free in what it repeats.
differing as (
    select
        report_id,
        value_source,
        indicator_code,
        column_code,
        qualifier,
        table_code,
        earlier_figures.value as earlier_value,
        later_figures.value as later_value
    from earlier_figures
    full outer join later_figures
        using (report_id, value_source, table_code, indicator_code, column_code, qualifier)
    where earlier_figures.value is distinct from later_figures.value
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
left join later_tables
    on
        differing.report_id = later_tables.report_id
        and differing.table_code = later_tables.table_code
left join earlier_tables
    on
        differing.report_id = earlier_tables.report_id
        and differing.table_code = earlier_tables.table_code
where
    (later_tables.report_id is not null and earlier_tables.report_id is not null)
    or (
        differing.value_source = 'claim'
        and differing.earlier_value is not null
        and differing.later_value is not null
    )
