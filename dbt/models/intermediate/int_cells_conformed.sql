-- One row per printed cell, in words: where it stands, what it means, and the status under which it
-- may be used.
with cells as not materialized (
    select * from {{ ref('int_cells_printed') }}
),

kinds as (
    select * from {{ ref('int_cell_kinds') }}
),

reports as (
    select * from {{ ref('int_reports_numbered') }}
)

select
    cells.report_key,
    cells.kind_key,
    reports.report_id,
    kinds.doc_type,
    kinds.form_id,
    kinds.table_code,
    kinds.indicator_code,
    kinds.column_code,
    kinds.applicant_code,
    cells.value,
    cells.is_fractional,
    case when cells.is_contradicted then 'ambiguous' else kinds.value_status end as value_status,
    kinds.method,
    kinds.solved_by,
    cells.has_table_error,
    cells.line_no,
    cells.span_start,
    cells.span_end,
    cells.occurrence_no,
    kinds.line_key,
    kinds.fact_code,
    kinds.is_summable,
    kinds.held_back_reason as kind_held_back_reason,
    cells.is_contradicted,
    kinds.value_status = 'reported'
    and not cells.is_contradicted
    and cells.is_no_count as is_no_count
from cells
inner join kinds on cells.kind_key = kinds.kind_key
inner join reports on cells.report_key = reports.report_key
