-- One row per whole document found in a file. Renames and casts only.
with source as (
    select * from {{ source('annual_report', 'reports') }}
),

renamed as (
    select
        -- key
        {{ report_id() }} as report_id,
        document_id,
        cast(report_no as integer) as report_no,

        -- what it is
        doc_type,
        title,
        publisher_as_written,
        publisher_name,
        region_code,
        publisher_id,
        resolution_code,
        resolution_evidence,
        cast(report_year as integer) as report_year,
        form_id,
        form_expected,
        tables_present,
        scope,
        scope_evidence,
        script,

        -- how much of it was understood
        cast(digit_count as bigint) as digit_count,
        cast(explained_digit_count as bigint) as explained_digit_count,

        -- provenance
        span_start,
        span_end

    from source
)

select * from renamed
