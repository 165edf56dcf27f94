{{ config(materialized='table') }}

-- One row per edition and indicator code: what the code means in a report of that edition.
-- A code means the same in every edition, so a row that an edition does not list (an optional row
-- printed all the same) takes the meaning of the newest edition that lists it.
with editions as (
    select * from {{ ref('form_edition') }}
),

lines as (
    select * from {{ ref('form_line') }}
),

crosswalk as (
    select * from {{ ref('form_crosswalk') }}
),

codes as (
    select distinct indicator_code from lines
),

edition_codes as (
    select
        editions.form_id,
        codes.indicator_code
    from editions
    cross join codes
),

meanings as (
    select
        edition_codes.form_id,
        edition_codes.indicator_code,
        lines.parent_code,
        lines.table_code,
        lines.label_zh,
        lines.label_en,
        lines.unit,
        lines.node_type,
        lines.fact_code,
        lines.measure_code,
        lines.channel_code,
        lines.forum_code,
        lines.result_code,
        lines.outcome_level,
        lines.is_total
    from edition_codes
    inner join lines on edition_codes.indicator_code = lines.indicator_code
    inner join editions on lines.form_id = editions.form_id
    qualify row_number() over (
        partition by edition_codes.form_id, edition_codes.indicator_code
        order by
            lines.form_id = edition_codes.form_id desc,
            editions.valid_from_year desc
    ) = 1
),

-- One row per crosswalk row and edition that it leads to.
steps as (
    select
        crosswalk.*,
        unnest(string_split(crosswalk.target_form_ids, '|')) as target_form_id
    from crosswalk
),

-- The series that a line's own crosswalk row names; towards the newest edition where there are two.
own_series as (
    select
        steps.source_form_id as form_id,
        steps.source_code as indicator_code,
        steps.series_code,
        steps.usable_for_series,
        steps.mapping_type,
        steps.target_codes,
        -- A row that goes on unchanged has a note there, not a caveat.
        steps.source_code = steps.target_codes and steps.usable_for_series = 'yes' as is_same,
        steps.caveat_zh,
        steps.caveat_en
    from steps
    inner join editions on steps.target_form_id = editions.form_id
    qualify row_number() over (
        partition by steps.source_form_id, steps.source_code
        order by editions.valid_from_year desc, steps.series_code
    ) = 1
),

targets as (
    select
        steps.*,
        unnest(string_split(steps.target_codes, '|')) as target_code
    from steps
    where steps.usable_for_series != 'no'
),

-- The newest edition is only led to: it continues the series of the row that leads to it.
continued_series as (
    select
        targets.target_form_id as form_id,
        targets.target_code as indicator_code,
        targets.series_code
    from targets
    inner join editions on targets.source_form_id = editions.form_id
    qualify row_number() over (
        partition by targets.target_form_id, targets.target_code
        order by
            targets.source_code = targets.target_code desc,
            editions.valid_from_year desc,
            targets.series_code
    ) = 1
)

select
    -- The number by which figures name their line.
    cast(row_number() over (order by meanings.form_id, meanings.indicator_code) as integer)
        as line_key,
    meanings.form_id,
    meanings.indicator_code,
    meanings.parent_code,
    meanings.table_code,
    meanings.label_zh,
    meanings.label_en,
    meanings.unit,
    meanings.node_type,
    meanings.fact_code,
    meanings.measure_code,
    meanings.channel_code,
    meanings.forum_code,
    meanings.result_code,
    meanings.outcome_level,
    meanings.is_total,
    -- Figures of these facts stand alone; those of the others are counts and parts of sums.
    meanings.fact_code not in ('proactive_disclosure', 'capacity') as is_summable,
    coalesce(own_series.series_code, continued_series.series_code) as series_code,
    coalesce(own_series.usable_for_series = 'no', false) as is_series_break,
    own_series.mapping_type,
    own_series.target_codes,
    case when not own_series.is_same then own_series.caveat_zh end as series_caveat_zh,
    case when not own_series.is_same then own_series.caveat_en end as series_caveat_en
from meanings
left join own_series
    on
        meanings.form_id = own_series.form_id
        and meanings.indicator_code = own_series.indicator_code
left join continued_series
    on
        meanings.form_id = continued_series.form_id
        and meanings.indicator_code = continued_series.indicator_code
