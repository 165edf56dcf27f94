-- A row here means that a figure in a fact differs from the cell it was read from.
{{ config(meta={'dagster': {'ref': {'name': 'fct_values_held_back'}}}) }}

select
    figures.report_id,
    figures.indicator_code,
    figures.column_code,
    figures.value
from {{ ref('figures') }} as figures
anti join {{ ref('stg_annual_report__cells') }} as cells
    on
        figures.report_id = cells.report_id
        and figures.indicator_code = cells.indicator_code
        and figures.column_code = cells.column_code
        and figures.value = cells.value
        and cells.value_status = 'reported'
where figures.value_source = 'table'
