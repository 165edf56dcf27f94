{{ config(materialized='table') }}

-- One row per report year and edition: how well the canonical annual reports were read and add up.
with reports as (
    select * from {{ ref('report_overview') }}
    where is_canonical
)

select
    report_year,
    form_id,
    count(*) as report_count,
    count(*) filter (where reconciliation_status = 'reconciled') as reconciled_count,
    count(*) filter (where reconciliation_status = 'discrepant') as discrepant_count,
    count(*) filter (where reconciliation_status = 'quarantined') as quarantined_count,
    count(*) filter (where reconciliation_status = 'not_assessable') as not_assessable_count,
    count(*) filter (where tables_present is null) as without_table_count,
    cast(sum(discrepancy_count) as bigint) as discrepancy_count,
    cast(round(avg(digits_explained_pct), 2) as decimal(5, 2)) as digits_explained_pct
from reports
group by report_year, form_id
