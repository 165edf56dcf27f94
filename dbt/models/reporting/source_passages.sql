{{ config(materialized='table') }}

-- One row per figure of the facts read from a table, and per figure stated in prose, with the
-- masked line behind it. A table, since the lines themselves are not part of a release.
with figures as (
    select * from {{ ref('figures') }}
    where value_source = 'table'
),

claims as (
    select * from {{ ref('stg_annual_report__claims') }}
),

cells as (
    select * from {{ ref('int_cells_judged') }}
    where held_back_reason = ''
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
        cells.document_id,
        cells.line_no,
        cells.span_start,
        cells.span_end
    from figures
    -- One cell per report, indicator and column reaches a fact.
    inner join cells
        on
            figures.report_id = cells.report_id
            and figures.indicator_code = cells.indicator_code
            and figures.column_code = cells.column_code

    union all

    -- Every claim is a row of fct_claims.
    select
        report_id,
        indicator_code,
        '' as column_code,
        qualifier,
        value,
        'claim' as value_source,
        document_id,
        line_no,
        span_start,
        span_end
    from claims
),

placed as (
    select
        located.*,
        passages.passage,
        located.span_start - passages.passage_start as place_start,
        located.span_end - passages.passage_start as place_end
    from located
    -- One passage per document and line.
    left join passages
        on
            located.document_id = passages.document_id
            and located.line_no = passages.line_no
)

select
    report_id,
    indicator_code,
    column_code,
    qualifier,
    value,
    value_source,
    line_no,
    passage,
    -- Of a very long line only a stretch is kept; the figure may lie outside it.
    case when place_start >= 0 and place_end <= length(passage) then place_start end
        as figure_start,
    case when place_start >= 0 and place_end <= length(passage) then place_end end as figure_end
from placed
