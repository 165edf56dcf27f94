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

numbered as (
    {{ number_rows('reports', 'report_key', ['report_id']) }}
)

select
    numbered.report_key,
    numbered.report_id,
    numbered.document_id,
    numbered.report_no,
    numbered.doc_type,
    numbered.form_id,
    -- A document goes by the hash of its content and is read the same by the same code, so that
    -- its name stands for all that it says.
    hash(numbered, documents, {{ made_with() }}) as own_state,  -- noqa: RF02
    {{ made_by() }} as made_by
from numbered
inner join documents on numbered.document_id = documents.document_id
