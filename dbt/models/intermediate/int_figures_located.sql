-- One row per figure of the facts read from a table, and per figure stated in prose, with its place
-- in the text.
with cells as (
    select * from {{ ref('int_cells_judged') }}
    where held_back_reason = ''
),

claims as (
    select * from {{ ref('stg_annual_report__claims') }}
),

reports as (
    select * from {{ ref('stg_annual_report__reports') }}
)

-- A cell that nothing holds back is a figure of a fact, and every claim a row of fct_claims.
select
    cells.report_id,
    cells.indicator_code,
    cells.column_code,
    '' as qualifier,
    cells.value,
    'table' as value_source,
    reports.document_id,
    cells.line_no,
    cells.span_start,
    cells.span_end
from cells
inner join reports on cells.report_id = reports.report_id

union all

select
    report_id,
    indicator_code,
    '' as column_code,
    qualifier,
    value,
    'claim' as value_source,
    document_id,
    line_no,
    span_start,
    span_end
from claims
