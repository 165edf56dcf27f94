-- One row per printed cell, with the reason that keeps it from a fact ('' where it reaches one).
-- The first reason that applies is the one given.
with cells as (
    select * from {{ ref('int_cells_conformed') }}
),

quarantined as (
    select * from {{ ref('int_tables_quarantined') }}
)

select
    cells.*,
    case
        when cells.kind_held_back_reason != '' then cells.kind_held_back_reason
        when cells.is_contradicted then 'ambiguous'
        when quarantined.report_key is not null then 'quarantined'
        when cells.occurrence_no > 1 then 'repeated'
        when cells.is_summable and cells.is_fractional then 'not_a_count'
        else ''
    end as held_back_reason,
    quarantined.reason as quarantine_reason
from cells
left join quarantined
    on
        cells.report_key = quarantined.report_key
        and cells.table_code = quarantined.table_code
