-- One row per report, with the body that its publisher's name stands for, and how that was settled.
with reports as (
    select * from {{ ref('stg_annual_report__reports') }}
)

select
    report_id,
    nullif(publisher_id, '') as publisher_id,
    resolution_code,
    resolution_evidence
from reports
