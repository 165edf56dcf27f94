-- One row per figure of the facts read from a table, and per figure stated in prose, with the
-- masked line behind it. A line is stored once; a release writes it out beside each figure.
with located as (
    select * from {{ ref('int_figures_located') }}
),

passages as (
    select * from {{ ref('stg_annual_report__passages') }}
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
