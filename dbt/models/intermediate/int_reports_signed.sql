{{ config(materialized='table') }}

-- One row per annual report: the number of the way in which rules cover it. Reports differ in few
-- ways. A report is covered by its edition, by the editions whose headings it prints, and, where
-- prose states figures, by the edition that has no table.
with reports as (
    select * from {{ ref('stg_annual_report__reports') }}
),

numbered_reports as (
    select * from {{ ref('int_reports_numbered') }}
),

claims as (
    select * from {{ ref('stg_annual_report__claims') }}
),

claiming as (
    select distinct report_id from claims
)

select
    numbered_reports.report_key,
    reports.form_id || '|' || reports.form_expected as form_ids,
    claiming.report_id is not null as has_claims,
    cast(dense_rank() over (order by form_ids, has_claims) as integer) as signature_no
from reports
inner join numbered_reports on reports.report_id = numbered_reports.report_id
left join claiming on reports.report_id = claiming.report_id
where reports.doc_type = 'annual_report'
