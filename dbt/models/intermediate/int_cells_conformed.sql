{{ config(materialized='table') }}

-- One row per printed cell, with the status under which it may be used. Cells are most of what the
-- warehouse holds, so this stays narrow: what their lines mean is joined where it is asked for.
with cells as not materialized (
    select * from {{ ref('stg_annual_report__cells') }}
),

reports as (
    select * from {{ ref('stg_annual_report__reports') }}
),

issues as (
    select * from {{ ref('stg_annual_report__issues') }}
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

suspect_tables as (
    select distinct
        report_id,
        table_code
    from issues
    where severity = 'error' and table_code != ''
),

-- Rows and columns go by number, so that a report's are a string of bits: where none is repeated,
-- as many are set as there are cells. A group for every cell is only made for the other reports;
-- two places that share a bit cost one report more to be looked at.
distinct_places as (
    select distinct
        indicator_code,
        column_code
    from cells
),

places as (
    select
        *,
        cast(row_number() over () as integer) as place_no
    from distinct_places
),

suspected as (
    select cells.report_id
    from cells
    inner join places
        on
            cells.indicator_code = places.indicator_code
            and cells.column_code = places.column_code
    group by cells.report_id
    having count(*) > bit_count(bitstring_agg(places.place_no % 8192, 0, 8191))
),

repeated as (
    select
        cells.report_id,
        cells.indicator_code,
        cells.column_code
    from cells
    semi join suspected on cells.report_id = suspected.report_id
    group by cells.report_id, cells.indicator_code, cells.column_code
    having count(*) > 1
),

-- A row and column printed twice: the first print counts where all agree, none where they differ.
-- Such are few: numbering every cell would take longer than all that is done with it here.
printed as (
    select
        cells.*,
        1 as occurrence_no,
        false as is_contradicted
    from cells
    anti join repeated
        on
            cells.report_id = repeated.report_id
            and cells.indicator_code = repeated.indicator_code
            and cells.column_code = repeated.column_code

    union all

    select
        cells.*,
        row_number() over (
            partition by cells.report_id, cells.indicator_code, cells.column_code
            order by cells.value_status = 'reported' desc, cells.line_no, cells.span_start
        ) as occurrence_no,
        count(distinct cells.value) over (
            partition by cells.report_id, cells.indicator_code, cells.column_code
        ) > 1 as is_contradicted
    from cells
    semi join repeated
        on
            cells.report_id = repeated.report_id
            and cells.indicator_code = repeated.indicator_code
            and cells.column_code = repeated.column_code
)

select
    printed.report_id,
    reports.doc_type,
    reports.form_id,
    printed.table_code,
    printed.indicator_code,
    printed.column_code,
    -- Editions without applicant columns report all applicants together.
    coalesce(applicants.applicant_code, all_applicants.applicant_code) as applicant_code,
    printed.value,
    case
        when printed.is_contradicted then 'ambiguous'
        else printed.value_status
    end as value_status,
    printed.method,
    printed.solved_by,
    suspect_tables.report_id is not null as has_table_error,
    printed.cell_text,
    printed.line_no,
    printed.span_start,
    printed.span_end,
    cast(printed.occurrence_no as integer) as occurrence_no,
    coalesce(value_columns.is_yearly, true) as is_yearly  -- other columns are not cumulative
from printed
inner join reports on printed.report_id = reports.report_id
left join suspect_tables
    on
        printed.report_id = suspect_tables.report_id
        and printed.table_code = suspect_tables.table_code
left join applicants on printed.column_code = applicants.applicant_code
-- There is one total among the applicants.
cross join all_applicants
left join value_columns
    on
        reports.form_id = value_columns.form_id
        and printed.column_code = value_columns.column_code
