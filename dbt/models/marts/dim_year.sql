-- One row per year that a report could be about: from the first edition to the last report.
with reports as (
    select * from {{ ref('stg_annual_report__reports') }}
),

editions as (
    select * from {{ ref('form_edition') }}
),

bounds as (
    select min(valid_from_year) as report_year
    from editions

    union all

    select max(valid_from_year) as report_year
    from editions

    union all

    select report_year
    from reports
    where report_year is not null
),

years as (
    select cast(unnest(range(min(report_year), max(report_year) + 1)) as integer) as report_year
    from bounds
)

select
    years.report_year,
    make_date(years.report_year, 1, 1) as period_start_date,
    make_date(years.report_year, 12, 31) as period_end_date,
    count(editions.form_id) as form_count
from years
left join editions
    on
        years.report_year >= editions.valid_from_year
        and years.report_year <= {{ open_end('editions.valid_to_year') }}
group by years.report_year
