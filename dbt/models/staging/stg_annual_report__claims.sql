-- One row per figure stated in prose. Renames and casts only.
with source as (
    select * from {{ source('annual_report', 'claims') }}
),

renamed as (
    select
        -- key
        {{ report_id() }} as report_id,
        document_id,
        cast(report_no as integer) as report_no,
        cast(claim_no as integer) as claim_no,
        indicator_code,
        qualifier,

        -- value in the dictionary's unit, as exact as precision says
        cast(value as decimal(24, 6)) as value,
        unit,
        precision,

        -- provenance
        claim_text,
        cast(line_no as integer) as line_no,
        span_start,
        span_end,
        sentence_start,
        sentence_end

    from source
)

select * from renamed
