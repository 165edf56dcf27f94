-- One row per thing that the reading did not understand. Renames and casts only.
with source as (
    select * from {{ source('annual_report', 'issues') }}
),

renamed as (
    select
        -- key
        {{ report_id() }} as report_id,
        document_id,
        cast(report_no as integer) as report_no,
        cast(issue_no as integer) as issue_no,

        -- what it is
        issue_code,
        severity,
        table_code,
        indicator_code,

        -- provenance
        cast(line_no as integer) as line_no,
        span_start,
        span_end,
        text as issue_text

    from source
)

select * from renamed
