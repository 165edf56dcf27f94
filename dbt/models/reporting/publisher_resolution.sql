-- One row per report year and way in which the publishers of annual reports were settled.
with reports as (
    select * from {{ ref('dim_report') }}
    where doc_type = 'annual_report'
)

select
    report_year,
    resolution_code,
    resolution_code != 'unresolved' as is_resolved,
    count(*) as report_count,
    cast(
        round(100.0 * count(*) / sum(count(*)) over (partition by report_year), 2) as decimal(5, 2)
    ) as report_share_pct
from reports
group by report_year, resolution_code
