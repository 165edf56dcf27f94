-- One row per distinct file content. Renames and casts only.
with source as (
    select * from {{ source('annual_report', 'documents') }}
),

renamed as (
    select
        -- key
        document_id,

        -- reading
        media_type,
        encoding,
        cast(byte_count as bigint) as byte_count,
        cast(char_count as bigint) as char_count,
        status as document_status,
        parser_version

    from source
)

select * from renamed
