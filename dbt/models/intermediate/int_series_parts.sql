{{ config(materialized='table') }}

-- One row per edition, series, row of the edition that the series adds up (its part), and line that
-- can give that row's figure: the row itself, or the rows of which it is the group.
-- A row that stands below another one of the same series is inside it and no part. Where a form
-- asks for more than the last one, the rows it was cut into make up the old series together.
with lines as (
    select * from {{ ref('int_lines_resolved') }}
    where fact_code in ('requests', 'outcomes', 'appeals')
),

listed as (
    select * from {{ ref('form_line') }}
),

crosswalk as (
    select * from {{ ref('form_crosswalk') }}
),

own_rows as (
    select
        form_id,
        indicator_code,
        parent_code,
        fact_code,
        series_code,
        mapping_type,
        target_codes,
        is_series_break,
        series_caveat_zh,
        series_caveat_en
    from lines
    where series_code is not null
),

cuts as (
    select
        series_code,
        target_codes,
        unnest(string_split(target_form_ids, '|')) as form_id
    from crosswalk
    where
        mapping_type in ('one_to_many', 'many_to_many')
        and usable_for_series != 'no'
),

cut_codes as (
    select
        form_id,
        series_code,
        unnest(string_split(target_codes, '|')) as indicator_code
    from cuts
),

cut_rows as (
    select distinct * from cut_codes
),

-- Where an edition has rows of the series by name, those are the series.
series_rows as (
    select * from own_rows

    union all by name

    select
        cut_rows.form_id,
        cut_rows.indicator_code,
        lines.parent_code,
        lines.fact_code,
        cut_rows.series_code,
        lines.mapping_type,
        lines.target_codes,
        false as is_series_break,
        null as series_caveat_zh,
        null as series_caveat_en
    from cut_rows
    inner join lines
        on
            cut_rows.form_id = lines.form_id
            and cut_rows.indicator_code = lines.indicator_code
    anti join own_rows
        on
            cut_rows.form_id = own_rows.form_id
            and cut_rows.series_code = own_rows.series_code
),

parts as (
    select series_rows.*
    from series_rows
    anti join series_rows as above
        on
            series_rows.form_id = above.form_id
            and series_rows.series_code = above.series_code
            and series_rows.parent_code = above.indicator_code
    -- A row that no later form continues is not added to one that goes on.
    anti join series_rows as going_on
        on
            series_rows.is_series_break
            and not going_on.is_series_break
            and series_rows.form_id = going_on.form_id
            and series_rows.series_code = going_on.series_code
),

-- A heading above rows that end requests mostly has no figure: there the sum of its rows is it.
group_codes as (
    select distinct indicator_code
    from listed
    where node_type = 'subtotal_not_printed'
),

members as (
    select distinct
        parts.form_id,
        parts.indicator_code as part_code,
        lines.indicator_code as line_code
    from parts
    inner join group_codes on parts.indicator_code = group_codes.indicator_code
    inner join lines
        on
            parts.form_id = lines.form_id
            and parts.indicator_code = lines.parent_code
)

select
    form_id,
    series_code,
    fact_code,
    indicator_code as part_code,
    indicator_code as line_code,
    false as is_member,
    mapping_type,
    target_codes,
    is_series_break,
    series_caveat_zh,
    series_caveat_en
from parts

union all

select
    parts.form_id,
    parts.series_code,
    parts.fact_code,
    parts.indicator_code as part_code,
    members.line_code,
    true as is_member,
    parts.mapping_type,
    parts.target_codes,
    parts.is_series_break,
    parts.series_caveat_zh,
    parts.series_caveat_en
from parts
-- A part of several series brings its members to each.
inner join members
    on
        parts.form_id = members.form_id
        and parts.indicator_code = members.part_code
