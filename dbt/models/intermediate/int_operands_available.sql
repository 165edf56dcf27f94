-- One row per report and figure that some rule compares: a cell, what the claims of a kind say
-- together, the presence of a table, or a cell added up over the aggregate reports of the regions
-- directly below. There are as many rows as cells, so a figure goes by its number in the terms.
with cells as not materialized (
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
    select * from {{ ref('region') }}
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

-- Each figure that some rule looks at is listed once.
wanted as (
    select distinct
        operand_no,
        body,
        operand,
        claim_use,
        indicator_code,
        part_code
    from rule_terms
),

cell_operands as (
    select
        cells.report_id,
        wanted.operand_no,
        case when cells.value_status = 'reported' then cells.value end as value,
        cells.value_status as operand_status,
        not cells.has_table_error as is_sound,
        case when cells.method = 'solved' then cells.solved_by else '' end as solved_by
    from cells
    inner join wanted
        on
            cells.indicator_code = wanted.indicator_code
            and cells.column_code = wanted.part_code
    where wanted.operand = 'cell' and wanted.body = 'self'
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

tables as (
    select
        report_id,
        table_code,
        max(has_cells) as has_cells,
        max(is_suspect) as is_suspect
    from table_signs
    group by report_id, table_code
),

table_operands as (
    select
        tables.report_id,
        wanted.operand_no,
        cast(tables.has_cells as decimal(24, 6)) as value,
        'reported' as operand_status,
        tables.is_suspect = 0 as is_sound,
        '' as solved_by
    from tables
    inner join wanted on tables.table_code = wanted.indicator_code
    where wanted.operand = 'table'
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

claim_figures as (
    select * from claim_uses

    union all

    -- All qualifiers together.
    select
        report_id,
        claim_use,
        indicator_code,
        '*' as qualifier,
        case when bool_and(operand_status = 'reported') then sum(value) end as value,
        case
            when bool_or(operand_status = 'inexact') then 'inexact'
            when bool_or(operand_status = 'differing') then 'differing'
            else 'reported'
        end as operand_status
    from claim_uses
    group by report_id, claim_use, indicator_code
),

claim_operands as (
    select
        claim_figures.report_id,
        wanted.operand_no,
        claim_figures.value,
        claim_figures.operand_status,
        true as is_sound,
        '' as solved_by
    from claim_figures
    inner join wanted
        on
            claim_figures.claim_use = wanted.claim_use
            and claim_figures.indicator_code = wanted.indicator_code
            and claim_figures.qualifier = wanted.part_code
    where wanted.operand = 'claim'
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

child_operands as (
    select
        reports_below.parent_report_id as report_id,
        wanted.operand_no,
        case
            when not bool_or(cells.value_status in ('ambiguous', 'unreadable'))
                then sum(cells.value) filter (where cells.value_status = 'reported')
        end as value,
        -- A child that does not print the figure is left out: the sum is a lower bound.
        case
            when bool_or(cells.value_status in ('ambiguous', 'unreadable')) then 'ambiguous'
            when bool_or(cells.value_status = 'reported') then 'reported'
            else 'blank'
        end as operand_status,
        not bool_or(cells.has_table_error) as is_sound,
        -- Solved where any child is, by the rules that fixed any of them.
        string_agg(cells.solved_by, '|') filter (
            where cells.method = 'solved' and cells.solved_by != ''
        ) as solved_by
    from reports_below
    inner join cells on reports_below.child_report_id = cells.report_id
    inner join wanted
        on
            cells.indicator_code = wanted.indicator_code
            and cells.column_code = wanted.part_code
    where wanted.operand = 'cell' and wanted.body = 'children'
    group by reports_below.parent_report_id, wanted.operand_no
)

select * from cell_operands
union all by name
select * from table_operands
union all by name
select * from claim_operands
union all by name
select * from child_operands
