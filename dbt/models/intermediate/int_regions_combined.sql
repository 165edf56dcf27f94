-- One row per region code and span of years: the divisions of the national register, then the zones
-- that have a code of the project's own.
with divisions as (
    select * from {{ ref('region') }}
),

zones as (
    select * from {{ ref('special_zone') }}
),

combined as (
    select
        *,
        'gb2260' as code_authority
    from divisions

    union all

    select
        * exclude (evidence),
        'gongkai' as code_authority
    from zones
)

select * from combined
