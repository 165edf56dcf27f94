-- One row per outcome code: the lines of all editions that say how requests ended.
with indicators as (
    select * from {{ ref('dim_indicator') }}
),

resolved as (
    select * from {{ ref('int_lines_resolved') }}
),

lines as (
    select * from {{ ref('form_line') }}
),

editions as (
    select * from {{ ref('form_edition') }}
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
),

-- What a series is called: the first of its lines in the newest edition that has any.
named as (
    select
        resolved.series_code,
        resolved.label_zh,
        resolved.label_en
    from resolved
    inner join editions on resolved.form_id = editions.form_id
    inner join lines
        on
            resolved.form_id = lines.form_id
            and resolved.indicator_code = lines.indicator_code
    where resolved.fact_code = 'outcomes' and resolved.series_code is not null
    qualify row_number() over (
        partition by resolved.series_code
        order by editions.has_table desc, editions.valid_from_year desc, lines.line_order
    ) = 1
)

select
    grouped.indicator_code as outcome_code,
    grouped.parent_code as parent_outcome_code,
    grouped.label_zh,
    grouped.label_en,
    grouped.outcome_level,
    grouped.is_total,
    grouped.series_code,
    coalesce(series.label_zh, grouped.label_zh) as series_zh,
    coalesce(series.label_en, grouped.label_en) as series_en,
    grouped.group_series_code,
    coalesce(series_groups.label_zh, grouped.label_zh) as group_zh,
    coalesce(series_groups.label_en, grouped.label_en) as group_en
from grouped
left join named as series on grouped.series_code = series.series_code
left join named as series_groups on grouped.group_series_code = series_groups.series_code
