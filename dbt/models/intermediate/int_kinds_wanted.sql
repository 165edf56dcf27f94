{{ config(materialized='table') }}

-- One row per kind of cell and figure that some rule takes from it, in the report itself or in the
-- reports of the regions below.
with kinds as (
    select * from {{ ref('int_cell_kinds') }}
),

rule_terms as (
    select * from {{ ref('int_rule_terms_expanded') }}
),

wanted as (
    select distinct
        operand_no,
        body,
        indicator_code,
        part_code
    from rule_terms
    where operand = 'cell'
)

select
    kinds.kind_key,
    wanted.operand_no,
    wanted.body,
    kinds.value_status,
    kinds.value_status = 'reported' as is_reported,
    kinds.value_status in ('blank', 'dash') as is_absent,
    kinds.value_status in ('ambiguous', 'unreadable') as is_doubtful,
    case when kinds.method = 'solved' then nullif(kinds.solved_by, '') end as solved_by
from kinds
inner join wanted
    on
        kinds.indicator_code = wanted.indicator_code
        and kinds.column_code = wanted.part_code
