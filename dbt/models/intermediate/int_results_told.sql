{{ config(materialized='table') }}

-- One row per result that fails or is uncertain, with the words of what was compared. Few results
-- are told; to write out all of them would cost as much as to find them.
with results as (
    select * from {{ ref('int_rule_residuals') }}
    where result in ('fail', 'uncertain')
),

reports as (
    select * from {{ ref('int_reports_canonical') }}
),

numbered_reports as (
    select * from {{ ref('int_reports_numbered') }}
),

rules as (
    select * from {{ ref('form_rule') }}
),

rule_members as (
    select * from {{ ref('int_rule_members') }}
),

rule_terms as (
    select * from {{ ref('int_rule_terms_expanded') }}
),

operands as (
    select * from {{ ref('int_operands_available') }}
),

cells as (
    select * from {{ ref('int_cells_conformed') }}
    where occurrence_no = 1
),

instances as (
    select distinct
        rule_members.instance_no,
        rules.rule_kind,
        rules.relation,
        rules.table_code
    from rule_members
    inner join rules on rule_members.rule_id = rules.rule_id
),

told_results as materialized (
    select
        results.report_key,
        results.instance_no,
        {{ right_value('results') }} as right_value,
        {{ takes_second_denominator('results') }} as is_else,
        previous.report_key as previous_report_key
    from results
    inner join numbered_reports on results.report_key = numbered_reports.report_key
    inner join reports on numbered_reports.report_id = reports.report_id
    left join numbered_reports as previous on reports.previous_report_id = previous.report_id
),

told_reports as (
    select report_key from told_results
    union
    select previous_report_key from told_results
    where previous_report_key is not null
),

told_figures as (
    select
        operands.report_key,
        operands.operand_no,
        operands.value,
        operands.operand_status
    from told_reports
    inner join operands on told_reports.report_key = operands.report_key
),

told_terms as (
    select
        told_results.report_key,
        told_results.instance_no,
        rule_terms.side_no,
        rule_terms.term_no,
        {{ term_text('rule_terms', 'told_figures') }} as term_text
    from told_results
    inner join rule_terms on told_results.instance_no = rule_terms.instance_no
    -- The key of an operand: a term meets at most one.
    left join told_figures
        on
            rule_terms.operand_no = told_figures.operand_no
            and told_figures.report_key = case
                when rule_terms.year_offset = -1 then told_results.previous_report_key
                else told_results.report_key
            end
),

told_sides as (
    select
        report_key,
        instance_no,
        side_no,
        regexp_replace(string_agg(term_text, ' ' order by term_no), '^\+ ', '') as side_text
    from told_terms
    group by report_key, instance_no, side_no
),

told as (
    select
        report_key,
        instance_no,
        any_value(side_text) filter (where side_no = 1) as text_1,
        any_value(side_text) filter (where side_no = 2) as text_2,
        any_value(side_text) filter (where side_no = 3) as text_3,
        any_value(side_text) filter (where side_no = 4) as text_4
    from told_sides
    group by report_key, instance_no
),

-- Figures that are no counts, where a rule on all cells of a table fails.
told_cells as (
    select
        told_results.report_key,
        told_results.instance_no,
        cells.indicator_code,
        cells.column_code as part_code,
        cells.value
    from told_results
    inner join instances on told_results.instance_no = instances.instance_no
    inner join cells
        on
            told_results.report_key = cells.report_key
            and instances.table_code = cells.table_code
    where instances.rule_kind = 'domain' and cells.is_no_count
),

told_domains as (
    select
        report_key,
        instance_no,
        string_agg(
            {{ operand_name() }} || ' ' || {{ number_text('value') }},
            ', ' order by indicator_code, part_code
        ) as offending_text
    from told_cells
    group by report_key, instance_no
)

select
    told_results.report_key,
    told_results.instance_no,
    {{ comparison_text('instances', 'told_results', 'told', 'told_domains') }} as operands
from told_results
inner join instances on told_results.instance_no = instances.instance_no
left join told
    on
        told_results.report_key = told.report_key
        and told_results.instance_no = told.instance_no
left join told_domains
    on
        told_results.report_key = told_domains.report_key
        and told_results.instance_no = told_domains.instance_no
