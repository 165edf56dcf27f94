{{ config(materialized='table') }}

-- One row per figure that a failed rule of an annual report compares, with the masked line it
-- stands on. A figure of the year before stands in that year's report. A table: its rows are few,
-- and looked for in every line.
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

passages as (
    select * from {{ ref('source_passages') }}
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
)

select
    failures.report_id,
    failures.publisher_name,
    failures.report_year,
    failures.rule_id,
    failures.scope_code,
    failures.cause,
    failures.is_canonical,
    passages.report_id as source_report_id,
    overview.document as source_document,
    overview.source_url,
    passages.indicator_code,
    indicators.label_zh,
    indicators.label_en,
    passages.column_code,
    passages.qualifier,
    passages.value,
    passages.value_source,
    passages.line_no,
    passages.passage
from failures
inner join compared
    on
        failures.report_id = compared.report_id
        and failures.rule_id = compared.rule_id
        and failures.scope_code = compared.scope_code
-- A figure stated twice in prose has two lines. `*` compares the sum over all qualifiers.
inner join passages
    on
        compared.source_report_id = passages.report_id
        and compared.indicator_code = passages.indicator_code
        and case compared.operand
            when 'claim'
                then
                    passages.value_source = 'claim'
                    and compared.part_code in ('*', passages.qualifier)
            else
                passages.value_source = 'table'
                and compared.part_code in ('*', passages.column_code)
        end
inner join overview on passages.report_id = overview.report_id
left join indicators on passages.indicator_code = indicators.indicator_code
