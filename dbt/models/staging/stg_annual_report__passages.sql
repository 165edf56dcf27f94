-- One row per line of a document behind a figure, masked. Renames and casts only.
with source as (
    select * from {{ source('annual_report', 'passages') }}
),

renamed as (
    select
        document_id,
        cast(line_no as integer) as line_no,
        passage_start,
        passage
    from source
)

select * from renamed
