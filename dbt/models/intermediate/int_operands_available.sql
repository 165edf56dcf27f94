-- One row per report and figure that some rule compares: a cell, or what is gathered from claims,
-- tables and regions below. There are as many rows as cells, so a figure goes by its number in the
-- terms.
with cells as not materialized (
    select * from {{ ref('int_cells_printed') }}
    where occurrence_no = 1
),

kinds as (
    select * from {{ ref('int_kinds_wanted') }}
    where body = 'self'
),

gathered as (
    select * from {{ ref('int_operands_gathered') }}
)

select
    cells.report_key,
    kinds.operand_no,
    case when kinds.is_reported and not cells.is_contradicted then cells.value end as value,
    case when cells.is_contradicted then 'ambiguous' else kinds.value_status end
        as operand_status,
    kinds.is_absent and not cells.is_contradicted as is_absent,
    kinds.is_doubtful or cells.is_contradicted as is_doubtful,
    not cells.has_table_error as is_sound,
    kinds.solved_by
from cells
inner join kinds on cells.kind_key = kinds.kind_key

union all

select * from gathered
