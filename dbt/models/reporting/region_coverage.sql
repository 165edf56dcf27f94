-- One row per region valid in a year, for the provinces of which the year has a report at all.
with reports as (
    select * from {{ ref('dim_report') }}
    where doc_type = 'annual_report' and is_canonical and report_year is not null
),

publishers as (
    select * from {{ ref('dim_publisher') }}
),

regions as (
    select * from {{ ref('dim_region') }}
),

-- The register begins in 2008; what was valid then is taken to hold before.
first_years as (
    select min(valid_from_year) as first_year from regions
),

placed_reports as (
    select
        reports.*,
        publishers.kind as publisher_kind,
        greatest(reports.report_year, first_years.first_year) as register_year
    from reports
    cross join first_years
    left join publishers on reports.publisher_id = publishers.publisher_id
    where reports.region_code is not null
),

-- One span of years of a code holds a year, so no report is multiplied.
provinces as (
    select distinct
        regions.province_code,
        placed_reports.report_year,
        placed_reports.register_year
    from placed_reports
    inner join regions
        on
            placed_reports.region_code = regions.region_code
            and placed_reports.register_year
            between regions.valid_from_year and coalesce(regions.valid_to_year, 9999)
),

region_reports as (
    select
        region_code,
        report_year,
        count(*) as report_count,
        max(report_id) filter (where is_region_report) as report_id,
        bool_or(publisher_kind in ('peoples_government', 'office', 'zone')) as has_government_report
    from placed_reports
    group by region_code, report_year
),

coverage as (
    select
        regions.region_code,
        provinces.report_year,
        regions.name_zh as region_name_zh,
        regions.name_en as region_name_en,
        regions.level as region_level,
        regions.parent_region_code,
        regions.province_code,
        regions.code_authority,
        region_reports.report_id is not null as has_region_report,
        region_reports.report_id,
        case
            when region_reports.report_id is not null then 'none'
            when region_reports.has_government_report then 'aggregate_not_told'
            when region_reports.region_code is not null then 'government'
            else 'all'
        end as missing_code,
        -- None found is none.
        coalesce(region_reports.report_count, 0) as report_count
    from provinces
    inner join regions
        on
            provinces.province_code = regions.province_code
            and provinces.register_year
            between regions.valid_from_year and coalesce(regions.valid_to_year, 9999)
    left join region_reports
        on
            regions.region_code = region_reports.region_code
            and provinces.report_year = region_reports.report_year
)

select * from coverage
