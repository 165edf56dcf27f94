{{ config(materialized='table') }}

-- One row per report: the number it goes by where millions of rows are joined and written. Figures,
-- rule results and series carry report_key; the facts say report_id.
with reports as (
    select * from {{ ref('stg_annual_report__reports') }}
)

select
    cast(row_number() over (order by report_id) as integer) as report_key,
    report_id,
    document_id,
    report_no,
    doc_type,
    form_id
from reports
