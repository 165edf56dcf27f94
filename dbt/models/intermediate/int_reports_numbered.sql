{{ config(materialized='table') }}

-- One row per report: the number it goes by where millions of rows are joined and written. Figures,
-- rule results and series carry report_key; the facts say report_id. A report keeps its number from
-- build to build, since what was made of it stays; own_state tells whether it reads the same.
with reports as (
    select * from {{ ref('stg_annual_report__reports') }}
),

documents as (
    select * from {{ ref('stg_annual_report__documents') }}
),

known as (
    {% if load_cached_relation(this) -%}
    select
        report_id,
        report_key
    from {{ this }}
    {%- else -%}
    select
        report_id,
        0 as report_key
    from reports
    where false
    {%- endif %}
),

last_known as (
    select coalesce(max(report_key), 0) as report_key from known  -- the first build knows none
)

select
    coalesce(
        known.report_key,
        last_known.report_key + cast(
            row_number() over (
                partition by known.report_key is null
                order by reports.report_id
            ) as integer
        )
    ) as report_key,
    reports.report_id,
    reports.document_id,
    reports.report_no,
    reports.doc_type,
    reports.form_id,
    -- A document goes by the hash of its content and is read the same by the same code, so that
    -- its name stands for all that it says.
    hash(reports, documents, '{{ env_var("GONGKAI_MADE_WITH", invocation_id) }}') as own_state,
    {{ part_of('reports.report_id') }} as part_no,
    '{{ invocation_id }}' as made_by
from reports
inner join documents on reports.document_id = documents.document_id
cross join last_known
left join known on reports.report_id = known.report_id
