{{ config(materialized='table') }}

-- One row per edition and series: what the edition adds up for it, and whether that is what the
-- newest edition adds up. Only then do both measure the same and share a definition.
with editions as (
    select * from {{ ref('form_edition') }}
),

listed as (
    select * from {{ ref('form_line') }}
),

parts as (
    select * from {{ ref('int_series_parts') }}
),

newest as (
    select form_id from editions
    order by valid_from_year desc
    limit 1
),

-- The rows that carry the figures: those of a group in its stead.
newest_members as (
    select
        parts.part_code,
        parts.line_code
    from parts
    inner join newest on parts.form_id = newest.form_id
    where parts.is_member
),

newest_leaves as (
    select
        parts.series_code,
        list_sort(list_distinct(list(
            coalesce(newest_members.line_code, parts.part_code)
        ))) as leaf_codes
    from parts
    inner join newest on parts.form_id = newest.form_id
    -- A group brings each of its rows.
    left join newest_members on parts.part_code = newest_members.part_code
    where not parts.is_member
    group by parts.series_code
),

targets as (
    select
        form_id,
        series_code,
        unnest(string_split(target_codes, '|')) as target_code
    from parts
    where not is_member
),

target_leaves as (
    select
        targets.form_id,
        targets.series_code,
        list_sort(list_distinct(list(
            coalesce(newest_members.line_code, targets.target_code)
        ))) as leaf_codes
    from targets
    left join newest_members on targets.target_code = newest_members.part_code
    group by targets.form_id, targets.series_code
),

added as (
    select
        form_id,
        series_code,
        any_value(fact_code) as fact_code,
        count(distinct part_code) as row_count,
        string_agg(part_code, '|' order by part_code) filter (where not is_member) as part_codes,
        -- A row that is but one of several makes no series alone.
        coalesce(
            bool_or(mapping_type in ('many_to_one', 'many_to_many') and target_codes is not null),
            false
        ) as is_shared,
        max(mapping_type) as mapping_type,
        bool_or(is_series_break) as is_unusable,
        string_agg(distinct series_caveat_zh, ' ' order by series_caveat_zh) as caveat_zh,
        string_agg(distinct series_caveat_en, ' ' order by series_caveat_en) as caveat_en
    from parts
    group by form_id, series_code
),

-- Of the lines of a series, the one in the newest edition that has it as a single row names it.
named as (
    select
        added.series_code,
        listed.label_zh,
        listed.label_en
    from added
    inner join editions on added.form_id = editions.form_id
    inner join listed on added.form_id = listed.form_id and added.part_codes = listed.indicator_code
    qualify row_number() over (
        partition by added.series_code
        order by editions.has_table desc, editions.valid_from_year desc
    ) = 1
)

select
    -- The number by which sums name their edition and series.
    cast(row_number() over (order by added.form_id, added.series_code) as integer) as series_key,
    added.form_id,
    added.series_code,
    added.fact_code,
    coalesce(named.label_zh, added.series_code) as series_zh,
    coalesce(named.label_en, added.series_code) as series_en,
    added.part_codes,
    cast(
        case when added.is_shared then greatest(added.row_count, 2) else added.row_count end
        as integer
    ) as part_count,
    -- The newest edition leads to no other: its rows are the series.
    case
        when added.row_count > 1 and coalesce(added.mapping_type, 'one_to_one') = 'one_to_one'
            then 'many_to_one'
        else coalesce(added.mapping_type, 'one_to_one')
    end as mapping_type,
    newest.form_id is null
    and (
        added.is_unusable
        or newest_leaves.leaf_codes is null
        or target_leaves.leaf_codes is distinct from newest_leaves.leaf_codes
    ) as is_series_break,
    added.caveat_zh,
    added.caveat_en
from added
left join newest on added.form_id = newest.form_id
left join newest_leaves on added.series_code = newest_leaves.series_code
left join target_leaves
    on
        added.form_id = target_leaves.form_id
        and added.series_code = target_leaves.series_code
left join named on added.series_code = named.series_code
