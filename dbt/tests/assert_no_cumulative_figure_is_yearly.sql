-- A row here means that a column of earlier years together stands in a yearly fact.
{{ config(meta={'dagster': {'ref': {'name': 'fct_requests'}}}) }}

select figures.*
from {{ ref('figures') }} as figures
inner join {{ ref('dim_report') }} as reports on figures.report_id = reports.report_id
inner join {{ ref('form_value_column') }} as value_columns
    on
        reports.form_id = value_columns.form_id
        and figures.column_code = value_columns.column_code
where not value_columns.is_yearly
