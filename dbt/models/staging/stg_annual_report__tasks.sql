-- One row per task of a work plan. Renames and casts only.
with source as (
    select * from {{ source('annual_report', 'tasks') }}
),

renamed as (
    select
        -- key
        {{ report_id() }} as report_id,
        document_id,
        cast(report_no as integer) as report_no,
        cast(task_no as integer) as task_no,

        -- what is to be done, by whom
        theme,
        title,
        cast(lead_units as varchar[]) as lead_units,
        cast(responsible_units as varchar[]) as responsible_units,
        deadline,

        -- provenance
        cast(line_no as integer) as line_no,
        span_start,
        span_end

    from source
)

select * from renamed
