-- One row per public body: those that published a report, and the governments above them.
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

reporting_bodies as (
    select
        publishers.publisher_id,
        arg_max(
            reports.publisher_name, (coalesce(reports.report_year, 0), reports.publisher_name)
        ) as publisher_name,
        count(*) as report_count,
        min(reports.report_year) as first_report_year,
        max(reports.report_year) as last_report_year
    from reports
    inner join publishers on reports.report_id = publishers.report_id
    where publishers.publisher_id is not null
    group by publishers.publisher_id
),

-- Own names have no hyphen before them but this one: codes are digits, a Z, a year in brackets.
lasting_codes as (
    select distinct
        split_part(publisher_id, '-', 1) as lasting_code,
        split_part(split_part(publisher_id, '-', 1), '(', 1) as region_code,
        try_cast(regexp_extract(publisher_id, '^[^-(]*\((\d{4})\)', 1) as integer) as last_year
    from reporting_bodies
),

-- A region under its last name; where its code went to another region, under the one before that.
named_regions as (
    select
        lasting_codes.lasting_code,
        regions.*
    from lasting_codes
    inner join regions
        on
            lasting_codes.region_code = regions.region_code
            and regions.valid_from_year <= coalesce(lasting_codes.last_year, 9999)
    qualify row_number() over (
        partition by lasting_codes.lasting_code order by regions.valid_from_year desc
    ) = 1
),

governing_names as (
    select
        max(parent_name_zh) as parent_name_zh,
        max(parent_name_in_zone_zh) as parent_name_in_zone_zh
    from kinds
),

-- The government of a region, the committee of a zone and the government that it answers to.
governing_bodies as (
    select
        named_regions.lasting_code,
        case
            when named_regions.code_authority = 'gongkai'
                then governing_names.parent_name_in_zone_zh
            else governing_names.parent_name_zh
        end as own_name
    from named_regions
    cross join governing_names

    union

    select
        named_regions.parent_region_code as lasting_code,
        governing_names.parent_name_zh as own_name
    from named_regions
    cross join governing_names
    where named_regions.code_authority = 'gongkai'
),

all_bodies as (
    select
        publisher_id,
        split_part(publisher_id, '-', 1) as lasting_code,
        substr(publisher_id, strpos(publisher_id, '-') + 1) as own_name
    from reporting_bodies

    union

    select
        lasting_code || '-' || own_name as publisher_id,
        lasting_code,
        own_name
    from governing_bodies
),

-- A government that a zone answers to may be of a region without reports of its own.
all_regions as (
    select * from named_regions

    union all

    select distinct
        regions.region_code as lasting_code,
        regions.*
    from regions
    inner join governing_bodies on regions.region_code = governing_bodies.lasting_code
    left join named_regions on regions.region_code = named_regions.lasting_code
    where regions.valid_to_year is null and named_regions.lasting_code is null
),

-- The first pattern that fits; the kind without a pattern fits everything.
body_kinds as (
    select
        all_bodies.*,
        kinds.kind_code,
        kinds.label_zh,
        kinds.label_en,
        kinds.parent_name_zh,
        kinds.parent_name_in_zone_zh
    from all_bodies
    cross join kinds
    where kinds.name_pattern is null or regexp_matches(all_bodies.own_name, kinds.name_pattern)
    qualify row_number() over (partition by all_bodies.publisher_id order by kinds.priority) = 1
),

bodies as (
    select
        body_kinds.publisher_id,
        coalesce(
            reporting_bodies.publisher_name, all_regions.name_zh || body_kinds.own_name
        ) as publisher_name,
        all_regions.region_code,
        all_regions.name_zh as region_name_zh,
        all_regions.name_en as region_name_en,
        case
            when body_kinds.kind_code = 'township' then 'township'
            else all_regions.level
        end as level,
        body_kinds.kind_code as kind,
        body_kinds.label_zh as kind_zh,
        body_kinds.label_en as kind_en,
        case
            when
                all_regions.code_authority = 'gongkai'
                and body_kinds.own_name = body_kinds.parent_name_in_zone_zh
                then all_regions.parent_region_code || '-' || body_kinds.parent_name_zh
            when all_regions.code_authority = 'gongkai'
                then body_kinds.lasting_code || '-' || body_kinds.parent_name_in_zone_zh
            else body_kinds.lasting_code || '-' || body_kinds.parent_name_zh
        end as parent_publisher_id,
        -- A body that is only above others published none.
        cast(coalesce(reporting_bodies.report_count, 0) as integer) as report_count,
        reporting_bodies.first_report_year,
        reporting_bodies.last_report_year
    from body_kinds
    inner join all_regions on body_kinds.lasting_code = all_regions.lasting_code
    left join reporting_bodies on body_kinds.publisher_id = reporting_bodies.publisher_id
),

parents as (
    select distinct parent_publisher_id from bodies
)

select bodies.*
from bodies
left join parents on bodies.publisher_id = parents.parent_publisher_id
where bodies.report_count > 0 or parents.parent_publisher_id is not null
