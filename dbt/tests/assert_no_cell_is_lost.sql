-- A row here means that a report's cells, as read, are not as many as its figures in the facts and
-- the cells held back together: a number was lost or made up between the raw layer and the marts.
{{ config(meta={'dagster': {'ref': {'name': 'fct_values_held_back'}}}) }}

with cells as (
    select
        report_id,
        count(*) as cell_count
    from {{ ref('stg_annual_report__cells') }}
    group by report_id
),

figures as (
    select
        report_id,
        count(*) as cell_count
    from {{ ref('figures') }}
    where value_source = 'table'
    group by report_id
),

held_back as (
    select
        report_id,
        count(*) as cell_count
    from {{ ref('fct_values_held_back') }}
    group by report_id
)

select
    cells.report_id,
    cells.cell_count as read_count,
    coalesce(figures.cell_count, 0) as published_count,  -- none is a count too
    coalesce(held_back.cell_count, 0) as held_back_count
from cells
left join figures on cells.report_id = figures.report_id
left join held_back on cells.report_id = held_back.report_id
where read_count != published_count + held_back_count
