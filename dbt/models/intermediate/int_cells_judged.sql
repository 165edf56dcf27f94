-- One row per printed cell, with the meaning of its line and the reason that keeps it from a fact
-- ('' where it reaches one). The first reason that applies is the one given.
with cells as (
    select * from {{ ref('int_cells_conformed') }}
),

lines as (
    select * from {{ ref('int_lines_resolved') }}
),

quarantined as (
    select * from {{ ref('int_tables_quarantined') }}
)

select
    cells.*,
    lines.fact_code,
    lines.is_summable,
    case
        when cells.doc_type != 'annual_report' then 'not_annual_report'
        when lines.fact_code is null then 'no_fact'
        when not cells.is_yearly then 'not_yearly'
        when cells.value_status != 'reported' then cells.value_status
        when quarantined.report_id is not null then 'quarantined'
        when cells.occurrence_no > 1 then 'repeated'
        when lines.is_summable and {{ is_fractional('cells.value') }} then 'not_a_count'
        else ''
    end as held_back_reason,
    quarantined.reason as quarantine_reason
from cells
left join lines
    on
        cells.form_id = lines.form_id
        and cells.indicator_code = lines.indicator_code
left join quarantined
    on
        cells.report_id = quarantined.report_id
        and cells.table_code = quarantined.table_code
