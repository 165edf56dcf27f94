{{ config(materialized='table') }}

-- One row per figure that a rule could compare: a cell, what the claims of a kind say together, the
-- presence of a table, or a cell added up over the aggregate reports of the regions directly below.
with cells as (
    select * from {{ ref('int_cells_conformed') }}
    where occurrence_no = 1
),

claims as (
    select * from {{ ref('int_claims_settled') }}
),

issues as (
    select * from {{ ref('stg_annual_report__issues') }}
),

reports as (
    select * from {{ ref('int_reports_canonical') }}
),

regions as (
    select * from {{ ref('int_regions_combined') }}
),

rule_terms as (
    select * from {{ ref('int_rule_terms_expanded') }}
),

suspect_tables as (
    select distinct
        report_id,
        table_code
    from issues
    where severity = 'error' and table_code != ''
),

cell_operands as (
    select
        cells.report_id,
        'self' as body,
        'cell' as operand,
        '' as claim_use,
        cells.indicator_code,
        cells.column_code as part_code,
        case when cells.value_status = 'reported' then cells.value end as value,
        cells.value_status as operand_status,
        not cells.has_table_error as is_sound,
        case when cells.method = 'solved' then cells.solved_by else '' end as solved_by
    from cells
),

-- One row per sign of a table: its cells, or an error in their stead.
table_signs as (
    select distinct
        report_id,
        table_code,
        1 as has_cells,
        0 as is_suspect
    from cells

    union all

    select
        report_id,
        table_code,
        0 as has_cells,
        1 as is_suspect
    from suspect_tables
),

table_operands as (
    select
        report_id,
        'self' as body,
        'table' as operand,
        '' as claim_use,
        table_code as indicator_code,
        '' as part_code,
        cast(max(has_cells) as decimal(24, 6)) as value,
        'reported' as operand_status,
        max(is_suspect) = 0 as is_sound,
        '' as solved_by
    from table_signs
    group by report_id, table_code
),

claim_uses as (
    select
        report_id,
        'single' as claim_use,
        indicator_code,
        qualifier,
        single_value as value,
        single_status as operand_status
    from claims

    union all

    select
        report_id,
        'sum' as claim_use,
        indicator_code,
        qualifier,
        summed_value as value,
        summed_status as operand_status
    from claims
),

claim_operands as (
    select
        report_id,
        'self' as body,
        'claim' as operand,
        claim_use,
        indicator_code,
        qualifier as part_code,
        value,
        operand_status,
        true as is_sound,
        '' as solved_by
    from claim_uses

    union all

    -- All qualifiers together.
    select
        report_id,
        'self' as body,
        'claim' as operand,
        claim_use,
        indicator_code,
        '*' as part_code,
        case when bool_and(operand_status = 'reported') then sum(value) end as value,
        case
            when bool_or(operand_status = 'inexact') then 'inexact'
            when bool_or(operand_status = 'differing') then 'differing'
            else 'reported'
        end as operand_status,
        true as is_sound,
        '' as solved_by
    from claim_uses
    group by report_id, claim_use, indicator_code
),

-- One row per aggregate report and the report of a region directly below it, for the same year.
reports_below as (
    select distinct
        above.report_id as parent_report_id,
        below.report_id as child_report_id
    from reports as above
    inner join regions on above.region_code = regions.parent_region_code
    inner join reports as below
        on
            regions.region_code = below.region_code
            and above.report_year = below.report_year
    where
        above.doc_type = 'annual_report'
        and above.scope = 'region_aggregate'
        and below.is_region_report
),

child_terms as (
    select distinct
        indicator_code,
        part_code
    from rule_terms
    where body = 'children'
),

child_operands as (
    select
        reports_below.parent_report_id as report_id,
        'children' as body,
        cell_operands.operand,
        '' as claim_use,
        cell_operands.indicator_code,
        cell_operands.part_code,
        case
            when not bool_or(cell_operands.operand_status in ('ambiguous', 'unreadable'))
                then sum(cell_operands.value)
        end as value,
        -- A child that does not print the figure is left out: the sum is a lower bound.
        case
            when bool_or(cell_operands.operand_status in ('ambiguous', 'unreadable'))
                then 'ambiguous'
            when bool_or(cell_operands.operand_status = 'reported') then 'reported'
            else 'blank'
        end as operand_status,
        bool_and(cell_operands.is_sound) as is_sound,
        -- Solved where any child is, by the rules that fixed any of them.
        string_agg(nullif(cell_operands.solved_by, ''), '|') as solved_by
    from reports_below
    inner join cell_operands on reports_below.child_report_id = cell_operands.report_id
    -- Each figure that some rule adds up is listed once.
    inner join child_terms
        on
            cell_operands.indicator_code = child_terms.indicator_code
            and cell_operands.part_code = child_terms.part_code
    group by
        reports_below.parent_report_id,
        cell_operands.operand,
        cell_operands.indicator_code,
        cell_operands.part_code
)

select * from cell_operands
union all by name
select * from table_operands
union all by name
select * from claim_operands
union all by name
select * from child_operands
