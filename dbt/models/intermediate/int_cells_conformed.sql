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

-- Of so many cells the hash of the key is compared. Where two hashes meet by chance, nothing comes
-- of it: the cells are numbered by their keys.
hashed as not materialized (
    select
        *,
        hash(report_id, indicator_code, column_code) as key_hash
    from cells
),

repeated as (
    select key_hash
    from hashed
    group by key_hash
    having count(*) > 1
),

-- A row and column printed twice: the first print counts where all agree, none where they differ.
-- Such are few: numbering every cell would take longer than all that is done with it here.
printed as (
    select
        hashed.*,
        1 as occurrence_no,
        false as is_contradicted
    from hashed
    anti join repeated on hashed.key_hash = repeated.key_hash

    union all

    select
        hashed.*,
        row_number() over (
            partition by hashed.report_id, hashed.indicator_code, hashed.column_code
            order by hashed.value_status = 'reported' desc, hashed.line_no, hashed.span_start
        ) as occurrence_no,
        count(distinct hashed.value) over (
            partition by hashed.report_id, hashed.indicator_code, hashed.column_code
        ) > 1 as is_contradicted
    from hashed
    semi join repeated on hashed.key_hash = repeated.key_hash
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
