{{ config(materialized='incremental', meta={'key': 'report_id', 'state': 'related_state'}) }}

-- One row per printed cell that reaches no fact, with the reason.
with held_back as (
    select * from {{ ref('int_cells_judged') }}
    where held_back_reason != '' and {{ at_hand('report_key') }}
),

reports as (
    select * from {{ ref('int_reports_numbered') }}
),

cells as (
    select * from {{ ref('stg_annual_report__cells') }}
)

select
    held_back.report_id,
    held_back.table_code,
    held_back.indicator_code,
    held_back.column_code,
    cast(held_back.occurrence_no as integer) as occurrence_no,
    held_back.value_status,
    cells.cell_text,
    held_back.line_no,
    held_back.held_back_reason as reason,
    case when held_back.held_back_reason = 'quarantined' then held_back.quarantine_reason end
        as reason_detail
from held_back
inner join reports on held_back.report_key = reports.report_key
-- The key of a printed cell; to put report_id together for all of them would take half the time.
inner join cells
    on
        reports.document_id = cells.document_id
        and reports.report_no = cells.report_no
        and held_back.indicator_code = cells.indicator_code
        and held_back.column_code = cells.column_code
        and held_back.span_start = cells.span_start
