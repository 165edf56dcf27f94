{{ config(materialized='table') }}

-- One row per region and year for which a report speaks for the whole region. A table, since put
-- together anew it takes longer than the reader of a chart waits.
with reports as (
    select * from {{ ref('report_overview') }}
    where is_region_report
),

regions as (
    select * from {{ ref('dim_region') }}
),

provinces as (
    select * from {{ ref('province_iso') }}
),

operands as (
    select * from {{ ref('int_metric_operands') }}
    where metric_code in ('disclosure_rate', 'refusal_rate') and member_code = ''
),

-- What is disclosed and refused is defined once, by the metrics.
answers as (
    select
        report_id,
        any_value(numerator) filter (where metric_code = 'disclosure_rate') as disclosed_count,
        any_value(numerator) filter (where metric_code = 'refusal_rate') as refused_count,
        bool_or(is_series_break or caveat_en is not null) as has_series_caveat
    from operands
    group by report_id
),

-- The register begins in 2008; what was valid then is taken to hold before.
first_years as (
    select min(valid_from_year) as first_year from regions
),

-- A zone is no part of the region it answers to: it may be inside what its division reports.
divisions as (
    select distinct
        reports.report_year,
        regions.region_code,
        regions.parent_region_code
    from reports
    cross join first_years
    inner join regions
        on
            reports.region_code = regions.parent_region_code
            and regions.code_authority = 'gb2260'
            and greatest(reports.report_year, first_years.first_year)
            between regions.valid_from_year and coalesce(regions.valid_to_year, 9999)
),

-- One report speaks for a division in a year, so no division is multiplied.
divisions_below as (
    select
        divisions.parent_region_code as region_code,
        divisions.report_year,
        count(*) as division_count,
        count(reports.report_id) as division_report_count,
        cast(sum(reports.new_count) as bigint) as divisions_new_count
    from divisions
    left join reports
        on
            divisions.region_code = reports.region_code
            and divisions.report_year = reports.report_year
    group by divisions.parent_region_code, divisions.report_year
)

select
    reports.region_code,
    reports.report_year,
    reports.region_name_zh,
    reports.region_name_en,
    reports.region_level,
    reports.province_code,
    provinces.iso_code as province_iso_code,
    reports.report_id,
    reports.publisher_name,
    reports.form_id,
    reports.reconciliation_status,
    reports.new_count,
    reports.carried_in_count,
    reports.carried_out_count,
    reports.outcome_count,
    answers.disclosed_count,
    answers.refused_count,
    reports.review_count,
    reports.litigation_count,
    coalesce(answers.has_series_caveat, false) as has_series_caveat,
    reports.requests_source,
    -- A county has no divisions below.
    coalesce(divisions_below.division_count, 0) as division_count,
    coalesce(divisions_below.division_report_count, 0) as division_report_count,
    divisions_below.divisions_new_count,
    reports.new_count - divisions_below.divisions_new_count as beyond_divisions_count
from reports
left join provinces on reports.province_code = provinces.province_code
left join answers on reports.report_id = answers.report_id
left join divisions_below
    on
        reports.region_code = divisions_below.region_code
        and reports.report_year = divisions_below.report_year
