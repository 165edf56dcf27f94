{{ config(materialized='incremental', meta={'key': 'report_key', 'state': 'related_state'}) }}

-- One row per report and figure that some rule compares and that is no cell: what the claims of a
-- kind say together, the presence of a table, how many of its figures are no counts, or a cell
-- added up over the aggregate reports of the regions directly below.
with cells as not materialized (
    select * from {{ ref('int_cells_printed') }}
    where occurrence_no = 1
),

own_cells as not materialized (
    select * from cells
    where {{ at_hand('report_key') }}
),

no_count_cells as not materialized (
    select * from {{ ref('int_cells_conformed') }}
    where is_no_count and occurrence_no = 1 and {{ at_hand('report_key') }}
),

kinds as (
    select * from {{ ref('int_cell_kinds') }}
),

wanted_kinds as (
    select * from {{ ref('int_kinds_wanted') }}
    where body = 'children'
),

numbered_reports as (
    select * from {{ ref('int_reports_numbered') }}
),

claims as (
    select * from {{ ref('int_claims_settled') }}
    where {{ at_hand('report_id') }}
),

reports_below as (
    select * from {{ ref('int_reports_below') }}
    where {{ at_hand('parent_report_key', 'report_key') }}
),

rule_terms as (
    select * from {{ ref('int_rule_terms_expanded') }}
),

suspect_tables as (
    select * from {{ ref('int_tables_suspect') }}
    where {{ at_hand('report_key') }}
),

-- Each figure that some rule looks at is listed once.
wanted as (
    select distinct
        operand_no,
        operand,
        claim_use,
        indicator_code,
        part_code
    from rule_terms
    where operand != 'cell'
),

wanted_tables as (
    select
        operand,
        operand_no,
        indicator_code as table_code,
        dense_rank() over (order by indicator_code) as table_no
    from wanted
    where operand in ('table', 'no_counts')
),

-- One row per kind of cell in a table that some rule looks at as a whole.
table_kinds as (
    select distinct
        kinds.kind_key,
        wanted_tables.table_no,
        kinds.value_status in ('reported', 'ambiguous', 'unreadable') as is_figure,
        kinds.value_status in ('ambiguous', 'unreadable') as is_doubtful
    from kinds
    inner join wanted_tables on kinds.table_code = wanted_tables.table_code
),

figured_tables as (
    select
        cells.report_key,
        table_kinds.table_no,
        -- What is contradicted is an ambiguous figure.
        bool_or(table_kinds.is_figure or cells.is_contradicted) as has_figures,
        bool_or(table_kinds.is_doubtful or cells.is_contradicted) as has_doubtful_figures,
        bool_or(cells.has_table_error) as has_table_error
    from own_cells as cells
    inner join table_kinds on cells.kind_key = table_kinds.kind_key
    group by cells.report_key, table_kinds.table_no
),

-- Apart, since they are few: to ask of each cell takes longer than to look for these.
no_counts as (
    select
        cells.report_key,
        table_kinds.table_no,
        count(*) as no_count_count,
        string_agg(cells.solved_by, '|') filter (where cells.method = 'solved') as solved_by
    from no_count_cells as cells
    inner join table_kinds on cells.kind_key = table_kinds.kind_key
    group by cells.report_key, table_kinds.table_no
),

-- One row per report and table that it prints.
printed_tables as (
    select
        figured_tables.*,
        coalesce(no_counts.no_count_count, 0) as no_count_count,
        no_counts.solved_by
    from figured_tables
    left join no_counts
        on
            figured_tables.report_key = no_counts.report_key
            and figured_tables.table_no = no_counts.table_no
),

-- One row per sign of a table: its cells, or an error in their stead.
table_signs as (
    select
        printed_tables.report_key,
        wanted_tables.operand_no,
        1 as has_cells,
        0 as is_suspect
    from printed_tables
    inner join wanted_tables on printed_tables.table_no = wanted_tables.table_no
    where wanted_tables.operand = 'table'

    union all

    select
        suspect_tables.report_key,
        wanted_tables.operand_no,
        0 as has_cells,
        1 as is_suspect
    from suspect_tables
    inner join wanted_tables on suspect_tables.table_code = wanted_tables.table_code
    where wanted_tables.operand = 'table'
),

table_operands as (
    select
        report_key,
        operand_no,
        cast(max(has_cells) as decimal(24, 6)) as value,
        'reported' as operand_status,
        false as is_absent,
        false as is_doubtful,
        max(is_suspect) = 0 as is_sound,
        null as solved_by
    from table_signs
    group by report_key, operand_no
),

-- How many figures are no counts, in a table that may hold only counts.
count_operands as (
    select
        printed_tables.report_key,
        wanted_tables.operand_no,
        cast(printed_tables.no_count_count as decimal(24, 6)) as value,
        'reported' as operand_status,
        not printed_tables.has_figures as is_absent,
        -- A figure that is certainly no count settles it, whatever else is in doubt.
        printed_tables.no_count_count = 0 and printed_tables.has_doubtful_figures as is_doubtful,
        not printed_tables.has_table_error as is_sound,
        printed_tables.solved_by
    from printed_tables
    inner join wanted_tables on printed_tables.table_no = wanted_tables.table_no
    where wanted_tables.operand = 'no_counts'
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

wanted_together as (
    select
        claim_use,
        indicator_code
    from wanted
    where operand = 'claim' and part_code = '*'
),

claim_figures as (
    select * from claim_uses

    union all

    -- All qualifiers together, where a rule takes them so.
    select
        claim_uses.report_id,
        claim_uses.claim_use,
        claim_uses.indicator_code,
        '*' as qualifier,
        case
            when bool_and(claim_uses.operand_status = 'reported') then sum(claim_uses.value)
        end as value,
        case
            when bool_or(claim_uses.operand_status = 'inexact') then 'inexact'
            when bool_or(claim_uses.operand_status = 'differing') then 'differing'
            else 'reported'
        end as operand_status
    from claim_uses
    semi join wanted_together
        on
            claim_uses.claim_use = wanted_together.claim_use
            and claim_uses.indicator_code = wanted_together.indicator_code
    group by claim_uses.report_id, claim_uses.claim_use, claim_uses.indicator_code
),

claim_operands as (
    select
        numbered_reports.report_key,
        wanted.operand_no,
        claim_figures.value,
        claim_figures.operand_status,
        claim_figures.operand_status = 'inexact' as is_absent,
        claim_figures.operand_status = 'differing' as is_doubtful,
        true as is_sound,
        null as solved_by
    from claim_figures
    inner join numbered_reports on claim_figures.report_id = numbered_reports.report_id
    inner join wanted
        on
            claim_figures.claim_use = wanted.claim_use
            and claim_figures.indicator_code = wanted.indicator_code
            and claim_figures.qualifier = wanted.part_code
    where wanted.operand = 'claim'
),

-- A child that does not print the figure is left out: the sum is a lower bound.
child_sums as (
    select
        reports_below.parent_report_key as report_key,
        wanted_kinds.operand_no,
        sum(cells.value) filter (where wanted_kinds.is_reported) as value,
        bool_or(wanted_kinds.is_doubtful or cells.is_contradicted) as is_doubtful,
        bool_or(cells.has_table_error) as has_table_error,
        -- Solved where any child is, by the rules that fixed any of them.
        string_agg(wanted_kinds.solved_by, '|') filter (
            where wanted_kinds.solved_by is not null
        ) as solved_by
    from reports_below
    inner join cells on reports_below.child_report_key = cells.report_key
    inner join wanted_kinds on cells.kind_key = wanted_kinds.kind_key
    group by reports_below.parent_report_key, wanted_kinds.operand_no
),

child_operands as (
    select
        report_key,
        operand_no,
        case when not is_doubtful then value end as value,
        case
            when is_doubtful then 'ambiguous'
            when value is not null then 'reported'
            else 'blank'
        end as operand_status,
        not is_doubtful and value is null as is_absent,
        is_doubtful,
        not has_table_error as is_sound,
        solved_by
    from child_sums
)

select * from table_operands
union all
select * from count_operands
union all
select * from claim_operands
union all
select * from child_operands
