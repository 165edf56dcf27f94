-- One row per outcome code: the lines of all editions that say how requests ended.
with indicators as (
    select * from {{ ref('dim_indicator') }}
),

resolved as (
    select * from {{ ref('int_lines_resolved') }}
),

newest as (
    select resolved.*
    from resolved
    inner join indicators
        on
            resolved.indicator_code = indicators.indicator_code
            and resolved.form_id = string_split(indicators.form_ids, '|')[-1]
    where resolved.fact_code = 'outcomes'
),

-- A group that prints no figure of its own lends its series to its members.
grouped as (
    select
        newest.*,
        case
            when parents.outcome_level = 'subtotal' or parents.node_type = 'subtotal_not_printed'
                then coalesce(parents.series_code, newest.series_code)
            else newest.series_code
        end as group_series_code
    from newest
    left join newest as parents on newest.parent_code = parents.indicator_code
)

select
    indicator_code as outcome_code,
    parent_code as parent_outcome_code,
    label_zh,
    label_en,
    outcome_level,
    is_total,
    series_code,
    group_series_code
from grouped
