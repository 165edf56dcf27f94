-- One row per document and place where it was found. Renames and casts only.
with source as (
    select * from {{ source('annual_report', 'document_locations') }}
),

renamed as (
    select
        -- key
        document_id,
        path,

        -- origin
        document,
        collection,
        source_url,
        retrieved_at,
        try_cast(published_date as date) as published_date

    from source
)

select * from renamed
