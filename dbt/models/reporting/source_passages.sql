-- One row per figure of the facts read from a table, and per figure stated in prose, with the
-- masked line behind it. A line is stored once; a release writes it out beside each figure.
with cells as (
    select * from {{ ref('int_cells_judged') }}
    where held_back_reason = ''
),

claims as (
    select * from {{ ref('stg_annual_report__claims') }}
),

reports as (
    select * from {{ ref('stg_annual_report__reports') }}
),

passages as (
    select * from {{ ref('stg_annual_report__passages') }}
),

-- A cell that nothing holds back is a figure of a fact, and every claim a row of fct_claims.
located as (
    select
        cells.report_id,
        cells.indicator_code,
        cells.column_code,
        '' as qualifier,
        cells.value,
        'table' as value_source,
        reports.document_id,
        cells.line_no,
        cells.span_start,
        cells.span_end
    from cells
    inner join reports on cells.report_id = reports.report_id

    union all

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
