{{ config(materialized='table') }}

-- One row per figure of the facts read from a table, and per figure stated in prose, with the
-- masked line behind it. A table, since the lines themselves are not part of a release.
with figures as (
    select * from {{ ref('figures') }}
    where value_source = 'table'
),

claims as (
    select * from {{ ref('fct_claims') }}
),

cells as (
    select * from {{ ref('int_cells_judged') }}
    where held_back_reason = ''
),

reports as (
    select * from {{ ref('dim_report') }}
),

passages as (
    select * from {{ ref('stg_annual_report__passages') }}
),

located as (
    select
        figures.report_id,
        figures.indicator_code,
        figures.column_code,
        figures.qualifier,
        figures.value,
        figures.value_source,
        cells.line_no
    from figures
    -- One cell per report, indicator and column reaches a fact.
    inner join cells
        on
            figures.report_id = cells.report_id
            and figures.indicator_code = cells.indicator_code
            and figures.column_code = cells.column_code

    union all

    select
        report_id,
        indicator_code,
        '' as column_code,
        qualifier,
        value,
        value_source,
        line_no
    from claims
)

select
    located.report_id,
    located.indicator_code,
    located.column_code,
    located.qualifier,
    located.value,
    located.value_source,
    located.line_no,
    passages.passage
from located
inner join reports on located.report_id = reports.report_id
-- One passage per document and line.
left join passages
    on
        reports.document_id = passages.document_id
        and located.line_no = passages.line_no
