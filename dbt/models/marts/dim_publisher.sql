-- One row per public body: a name within a region.
with reports as (
    select * from {{ ref('stg_annual_report__reports') }}
),

publishers as (
    select * from {{ ref('int_publishers_resolved') }}
),

regions as (
    select * from {{ ref('int_regions_combined') }}
),

kinds as (
    select * from {{ ref('publisher_kind') }}
),

bodies as (
    select
        publishers.publisher_id,
        arg_max(
            reports.publisher_name, (coalesce(reports.report_year, 0), reports.publisher_name)
        ) as publisher_name,
        split_part(publishers.publisher_id, '-', 1) as region_code,
        min(reports.report_year) as first_report_year,
        max(reports.report_year) as last_report_year
    from reports
    inner join publishers on reports.report_id = publishers.report_id
    where publishers.publisher_id is not null
    group by publishers.publisher_id
),

-- A code keeps its level through the years; of its names the last one.
last_regions as (
    select * from regions
    qualify row_number() over (partition by region_code order by valid_from_year desc) = 1
),

-- The first pattern that fits; the kind without a pattern fits everything.
body_kinds as (
    select
        bodies.publisher_id,
        kinds.kind_code,
        kinds.label_zh,
        kinds.label_en
    from bodies
    cross join kinds
    where kinds.name_pattern is null or regexp_matches(bodies.publisher_name, kinds.name_pattern)
    qualify row_number() over (partition by bodies.publisher_id order by kinds.priority) = 1
)

select
    bodies.publisher_id,
    bodies.publisher_name,
    bodies.region_code,
    last_regions.name_zh as region_name_zh,
    last_regions.name_en as region_name_en,
    case
        when body_kinds.kind_code = 'township' then 'township'
        else last_regions.level
    end as level,
    body_kinds.kind_code as kind,
    body_kinds.label_zh as kind_zh,
    body_kinds.label_en as kind_en,
    bodies.first_report_year,
    bodies.last_report_year
from bodies
inner join body_kinds on bodies.publisher_id = body_kinds.publisher_id
left join last_regions on bodies.region_code = last_regions.region_code
