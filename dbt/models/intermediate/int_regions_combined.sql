-- One row per region code and span of years: the divisions of the national register, then the zones
-- that have a code of the project's own; with today's code and how it came about.
with divisions as (
    select * from {{ ref('region') }}
),

zones as (
    select * from {{ ref('special_zone') }}
),

successors as (
    select * from {{ ref('region_successor') }}
),

combined as (
    select
        divisions.*,
        'gb2260' as code_authority,
        case
            when successors.region_code is null then divisions.region_code
            else successors.current_region_code
        end as current_region_code,
        coalesce(successors.change_code, 'none') as change_code,
        successors.change_year,
        successors.evidence
    from divisions
    left join successors
        on
            divisions.region_code = successors.region_code
            and divisions.valid_from_year = successors.valid_from_year

    union all

    select
        zones.* exclude (current_region_code, evidence),
        'gongkai' as code_authority,
        coalesce(zones.current_region_code, zones.region_code) as current_region_code,
        case when zones.valid_to_year is null then 'none' else 'converted' end as change_code,
        zones.valid_to_year + 1 as change_year,
        zones.evidence
    from zones
)

select * from combined
