-- One row per region code and span of years for which it kept its name and place.
with regions as (
    select * from {{ ref('int_regions_combined') }}
)

select
    region_code,
    cast(valid_from_year as integer) as valid_from_year,
    cast(valid_to_year as integer) as valid_to_year,
    name_zh,
    name_short_zh,
    name_en,
    level,
    parent_region_code,
    province_code,
    code_authority,
    valid_to_year is null as is_current
from regions
