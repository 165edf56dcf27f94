-- One row per aggregate report and report of a region directly below it, for the same year.
with reports as (
    select * from {{ ref('int_reports_canonical') }}
),

numbered_reports as (
    select * from {{ ref('int_reports_numbered') }}
),

regions as (
    select * from {{ ref('region') }}
),

pairs as (
    select distinct
        above.report_id as parent_report_id,
        below.report_id as child_report_id
    from reports as above
    inner join regions on above.region_code = regions.parent_region_code
    inner join reports as below
        on
            regions.region_code = below.region_code
            and above.report_year = below.report_year
    where
        above.doc_type = 'annual_report'
        and above.scope = 'region_aggregate'
        and below.is_region_report
)

select
    parents.report_key as parent_report_key,
    children.report_key as child_report_key
from pairs
inner join numbered_reports as parents on pairs.parent_report_id = parents.report_id
inner join numbered_reports as children on pairs.child_report_id = children.report_id
