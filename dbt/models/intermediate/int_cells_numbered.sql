{{ config(materialized='incremental', meta={'key': 'report_key', 'state': 'own_state'}) }}

-- One row per printed cell. Cells are most of what the warehouse holds, so this is all numbers:
-- what a cell means, its kind says.
with cells as not materialized (
    select * from {{ ref('stg_annual_report__cells') }}
),

reports as (
    select * from {{ ref('int_reports_numbered') }}
    where {{ own_at_hand('report_key') }}
),

kinds as (
    select * from {{ ref('int_cell_kinds') }}
),

suspect_tables as (
    select * from {{ ref('int_tables_suspect') }}
)

select
    reports.report_key,
    kinds.kind_key,
    cells.value,
    coalesce({{ is_fractional('cells.value') }}, false) as is_fractional,
    coalesce(cells.value < 0 or {{ is_fractional('cells.value') }}, false) as is_no_count,
    suspect_tables.report_key is not null as has_table_error,
    cells.line_no,
    cells.span_start,
    cells.span_end
from cells
inner join reports
    on
        cells.document_id = reports.document_id
        and cells.report_no = reports.report_no
inner join kinds
    on
        reports.doc_type = kinds.doc_type
        and reports.form_id = kinds.form_id
        and cells.table_code = kinds.table_code
        and cells.indicator_code = kinds.indicator_code
        and cells.column_code = kinds.column_code
        and cells.value_status = kinds.value_status
        and cells.method = kinds.method
        and cells.solved_by = kinds.solved_by
left join suspect_tables
    on
        reports.report_key = suspect_tables.report_key
        and cells.table_code = suspect_tables.table_code
