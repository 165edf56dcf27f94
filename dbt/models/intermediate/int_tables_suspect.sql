-- One row per table of a report whose reading left an error: none of its figures is sound.
with issues as (
    select * from {{ ref('stg_annual_report__issues') }}
),

reports as (
    select * from {{ ref('int_reports_numbered') }}
)

select distinct
    reports.report_key,
    issues.table_code
from issues
inner join reports on issues.report_id = reports.report_id
where issues.severity = 'error' and issues.table_code != ''
