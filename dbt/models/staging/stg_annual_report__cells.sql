-- One row per table cell as read. Renames and casts only.
with source as (
    select * from {{ source('annual_report', 'cells') }}
),

renamed as (
    select
        -- key
        {{ report_id() }} as report_id,
        document_id,
        cast(report_no as integer) as report_no,
        table_code,
        indicator_code,
        column_code,

        -- value in the dictionary's unit; NULL is "not stated", see value_status
        cast(value as decimal(24, 6)) as value,
        value_status,
        method,
        solved_by,

        -- provenance
        cell_text,
        cast(line_no as integer) as line_no,
        span_start,
        span_end

    from source
)

select * from renamed
