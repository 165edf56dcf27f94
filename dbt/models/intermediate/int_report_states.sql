{{ config(materialized='table') }}

-- One row per report: a hash of what its rows are made of, and of what those of all its body are. A
-- model that works report by report makes anew only what has another state than when it was made.
with numbered_reports as (
    select * from {{ ref('int_reports_numbered') }}
),

canonical as (
    select * from {{ ref('int_reports_canonical') }}
),

reports_below as (
    select * from {{ ref('int_reports_below') }}
),

-- The report by itself, and its place among the others.
own as (
    select
        numbered_reports.report_key,
        numbered_reports.report_id,
        numbered_reports.made_by,
        canonical.publisher_id,
        canonical.previous_report_id,
        hash(numbered_reports.own_state, canonical) as state  -- noqa: RF02
    from numbered_reports
    inner join canonical on numbered_reports.report_id = canonical.report_id
),

below as (
    select
        reports_below.parent_report_key as report_key,
        bit_xor(own.state) as state
    from reports_below
    inner join own on reports_below.child_report_key = own.report_key
    group by reports_below.parent_report_key
),

-- With the reports that are added up to be compared with it.
added as (
    select
        own.*,
        hash(own.state, below.state) as added_state
    from own
    left join below on own.report_key = below.report_key
),

-- And with the one of the year before.
related as (
    select
        added.report_key,
        added.report_id,
        added.made_by,
        coalesce(added.publisher_id, added.report_id) as body_id,
        hash(added.added_state, previous.added_state) as related_state
    from added
    left join added as previous on added.previous_report_id = previous.report_id
)

select
    report_key,
    report_id,
    related_state,
    -- With all reports of the body, whose series are one.
    hash(related_state, bit_xor(related_state) over (partition by body_id)) as body_state,
    -- A body is in one part.
    cast(
        hash(body_id) % (1 + count(*) over () // {{ var('reports_at_once') }}) as integer
    ) as part_no,
    made_by
from related
