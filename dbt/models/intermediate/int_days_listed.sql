-- One row per calendar day of the years reported on. MetricFlow asks for a spine of days.
with years as (
    select * from {{ ref('dim_year') }}
),

days as (
    select
        unnest(
            generate_series(min(period_start_date), max(period_end_date), interval 1 day)
        ) as calendar_date
    from years
)

select cast(calendar_date as date) as calendar_date
from days
