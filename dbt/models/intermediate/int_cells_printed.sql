-- One row per printed cell, as a number still, with which print of its row and column it is.
with cells as not materialized (
    select * from {{ ref('int_cells_numbered') }}
),

repeated as (
    select * from {{ ref('int_cells_repeated') }}
)

select
    cells.*,
    coalesce(repeated.occurrence_no, 1) as occurrence_no,  -- most are printed once
    coalesce(repeated.is_contradicted, false) as is_contradicted  -- one print differs from none
from cells
left join repeated
    on
        cells.report_key = repeated.report_key
        and cells.kind_key = repeated.kind_key
        and cells.span_start = repeated.span_start
