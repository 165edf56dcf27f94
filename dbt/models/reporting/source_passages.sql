-- One row per figure of the facts read from a table, and per figure stated in prose, with the
-- masked line behind it. A line is stored once; a release writes it out beside each figure.
with figures as (
    select * from {{ ref('int_figures_chosen') }}
    where value_source = 'table'
),

claims as (
    select * from {{ ref('fct_claims') }}
),

reports as (
    select * from {{ ref('dim_report') }}
),

passages as (
    select * from {{ ref('stg_annual_report__passages') }}
),

located as (
    select
        report_id,
        indicator_code,
        column_code,
        qualifier,
        value,
        value_source,
        line_no
    from figures

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
