-- One row per annual report whose publisher is not settled, with the reason.
with reports as (
    select * from {{ ref('dim_report') }}
    where doc_type = 'annual_report' and publisher_id is null
)

select
    report_id,
    document,
    report_no,
    report_year,
    title,
    publisher_name,
    resolution_evidence as reason,
    collection,
    source_url
from reports
