-- One row per region code and span of years, with the code under which its place is found today.
with regions as (
    select * from {{ ref('int_regions_combined') }}
)

select
    region_code,
    cast(valid_from_year as integer) as valid_from_year,
    cast(valid_to_year as integer) as valid_to_year,
    name_zh,
    current_region_code,
    change_code,
    cast(change_year as integer) as change_year,
    case when change_code != 'none' then evidence end as evidence
from regions
