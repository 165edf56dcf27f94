{{ config(materialized='table') }}
{%- set kind = [
    'doc_type', 'form_id', 'table_code', 'indicator_code', 'column_code', 'value_status', 'method',
    'solved_by'
] %}

-- One row per kind of cell that occurs: a place on the form of an edition and kind of document, and
-- how the figure there was read. Millions of cells are of a few thousand kinds, so what a cell
-- means is worked out here, once for all of its kind.
with cells as (
    select * from {{ ref('stg_annual_report__cells') }}
),

reports as (
    select * from {{ ref('int_reports_numbered') }}
),

applicants as (
    select * from {{ ref('form_applicant') }}
),

all_applicants as (
    select applicant_code from applicants
    where is_total
),

value_columns as (
    select * from {{ ref('form_value_column') }}
),

lines as (
    select * from {{ ref('int_lines_resolved') }}
),

printed as (
    select distinct
        reports.doc_type,
        reports.form_id,
        cells.table_code,
        cells.indicator_code,
        cells.column_code,
        cells.value_status,
        cells.method,
        cells.solved_by
    from cells
    inner join reports
        on
            cells.document_id = reports.document_id
            and cells.report_no = reports.report_no
),

-- A kind keeps its number for good, since cells that were numbered stay.
kinds as (
    select * from printed
    union
    {{ rows_so_far('printed', kind) }}
),

numbered as (
    {{ number_rows('kinds', 'kind_key', kind) }}
)

select
    kinds.kind_key,
    kinds.doc_type,
    kinds.form_id,
    kinds.table_code,
    kinds.indicator_code,
    kinds.column_code,
    -- The same row and column, however read.
    cast(dense_rank() over (order by kinds.indicator_code, kinds.column_code) as integer)
        as place_key,
    -- Editions without applicant columns report all applicants together.
    coalesce(applicants.applicant_code, all_applicants.applicant_code) as applicant_code,
    lines.line_key,
    lines.fact_code,
    lines.is_summable,
    kinds.value_status,
    kinds.method,
    kinds.solved_by,
    -- Why no cell of the kind reaches a fact; the first reason that applies.
    case
        when kinds.doc_type != 'annual_report' then 'not_annual_report'
        when lines.fact_code is null then 'no_fact'
        -- Columns that are not listed are not cumulative.
        when not coalesce(value_columns.is_yearly, true) then 'not_yearly'
        when kinds.value_status != 'reported' then kinds.value_status
        else ''
    end as held_back_reason
from numbered as kinds
left join applicants on kinds.column_code = applicants.applicant_code
-- There is one total among the applicants.
cross join all_applicants
left join value_columns
    on
        kinds.form_id = value_columns.form_id
        and kinds.column_code = value_columns.column_code
left join lines
    on
        kinds.form_id = lines.form_id
        and kinds.indicator_code = lines.indicator_code
