-- One row per printed cell that reaches no fact, with the reason.
with cells as (
    select * from {{ ref('int_cells_judged') }}
)

select
    report_id,
    table_code,
    indicator_code,
    column_code,
    cast(occurrence_no as integer) as occurrence_no,
    value_status,
    cell_text,
    line_no,
    held_back_reason as reason,
    case when held_back_reason = 'quarantined' then quarantine_reason end as reason_detail
from cells
where held_back_reason != ''
