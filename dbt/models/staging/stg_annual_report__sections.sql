-- One row per section or stretch of noise (report_no 0). Renames and casts only.
with source as (
    select * from {{ source('annual_report', 'sections') }}
),

renamed as (
    select
        -- key
        {{ report_id() }} as report_id,
        document_id,
        cast(report_no as integer) as report_no,
        cast(section_no as integer) as section_no,

        -- what it is
        section_code,
        heading,

        -- provenance
        cast(line_no as integer) as line_no,
        span_start,
        span_end

    from source
)

select * from renamed
