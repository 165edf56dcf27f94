{{ config(materialized='table') }}

-- One row per report, with the report that it mirrors (mostly itself) and that of the year before.
-- Mirrors are annual reports of one body for one year; a body or year that is not known has none.
with reports as (
    select * from {{ ref('stg_annual_report__reports') }}
),

cells as (
    select * from {{ ref('stg_annual_report__cells') }}
),

publishers as (
    select * from {{ ref('int_publishers_resolved') }}
),

cell_counts as (
    select
        report_id,
        count(*) as cell_count
    from cells
    group by report_id
),

bodies as (
    select
        reports.report_id,
        reports.doc_type,
        reports.region_code,
        reports.report_year,
        reports.scope,
        coalesce(cell_counts.cell_count, 0) as cell_count,  -- no cells counted is none
        publishers.publisher_id,
        coalesce(
            reports.doc_type = 'annual_report'
            and publishers.publisher_id is not null
            and reports.report_year is not null,
            false
        ) as is_comparable
    from reports
    inner join publishers on reports.report_id = publishers.report_id
    left join cell_counts on reports.report_id = cell_counts.report_id
),

mirrored as (
    select
        *,
        case
            when is_comparable
                then first_value(report_id) over (
                    partition by is_comparable, publisher_id, report_year
                    order by cell_count desc, report_id
                )
            else report_id
        end as canonical_report_id
    from bodies
),

canonical as (
    select * from mirrored
    where is_comparable and report_id = canonical_report_id
),

-- The report that speaks for a region in a year; a government and its office may both aggregate.
region_reports as (
    select report_id from canonical
    where scope = 'region_aggregate' and region_code != ''
    qualify row_number() over (
        partition by region_code, report_year
        order by cell_count desc, report_id
    ) = 1
)

select
    mirrored.report_id,
    mirrored.publisher_id,
    mirrored.doc_type,
    mirrored.region_code,
    mirrored.report_year,
    mirrored.scope,
    mirrored.cell_count,
    mirrored.canonical_report_id,
    mirrored.report_id = mirrored.canonical_report_id as is_canonical,
    region_reports.report_id is not null as is_region_report,
    previous.report_id as previous_report_id
from mirrored
left join region_reports on mirrored.report_id = region_reports.report_id
-- One canonical report per body and year, so no row is multiplied.
left join canonical as previous
    on
        mirrored.is_comparable
        and mirrored.publisher_id = previous.publisher_id
        and mirrored.report_year - 1 = previous.report_year
