{{ config(materialized='table') }}

-- One row per figure that a failed rule of an annual report compares, with the masked line it
-- stands on. A figure of the year before stands in that year's report. A table: its rows are few,
-- and looked for among all figures. Lines are joined last, to those few.
with failures as (
    select * from {{ ref('rule_failures') }}
),

rule_terms as (
    select * from {{ ref('int_rule_terms_expanded') }}
    where body = 'self' and operand != 'table'
),

reports as (
    select * from {{ ref('int_reports_canonical') }}
),

overview as (
    select * from {{ ref('report_overview') }}
),

located as (
    select * from {{ ref('int_figures_located') }}
),

passages as (
    select * from {{ ref('stg_annual_report__passages') }}
),

indicators as (
    select * from {{ ref('dim_indicator') }}
),

-- A figure may stand in several terms of a rule.
compared as (
    select distinct
        failures.report_id,
        failures.rule_id,
        failures.scope_code,
        rule_terms.operand,
        rule_terms.indicator_code,
        rule_terms.part_code,
        case
            when rule_terms.year_offset = -1 then reports.previous_report_id
            else failures.report_id
        end as source_report_id
    from failures
    inner join rule_terms
        on
            failures.rule_id = rule_terms.rule_id
            and failures.scope_code = rule_terms.scope_code
    inner join reports on failures.report_id = reports.report_id
),

-- A figure stated twice in prose has two lines. `*` compares the sum over all qualifiers.
placed as materialized (
    select
        compared.report_id as failed_report_id,
        compared.rule_id,
        compared.scope_code,
        located.*
    from located
    inner join compared
        on
            located.report_id = compared.source_report_id
            and located.indicator_code = compared.indicator_code
            and case compared.operand
                when 'claim'
                    then
                        located.value_source = 'claim'
                        and compared.part_code in ('*', located.qualifier)
                else
                    located.value_source = 'table'
                    and compared.part_code in ('*', located.column_code)
            end
)

select
    failures.report_id,
    failures.publisher_name,
    failures.report_year,
    failures.rule_id,
    failures.scope_code,
    failures.cause,
    failures.is_canonical,
    placed.report_id as source_report_id,
    overview.document as source_document,
    overview.source_url,
    placed.indicator_code,
    indicators.label_zh,
    indicators.label_en,
    placed.column_code,
    placed.qualifier,
    placed.value,
    placed.value_source,
    placed.line_no,
    passages.passage
from placed
inner join failures
    on
        placed.failed_report_id = failures.report_id
        and placed.rule_id = failures.rule_id
        and placed.scope_code = failures.scope_code
inner join overview on placed.report_id = overview.report_id
left join passages
    on
        placed.document_id = passages.document_id
        and placed.line_no = passages.line_no
left join indicators on placed.indicator_code = indicators.indicator_code
