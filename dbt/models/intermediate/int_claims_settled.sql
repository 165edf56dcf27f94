-- One row per report, indicator and qualifier stated in prose: what its claims say together.
-- Only exact and implied figures count. `single` takes the one figure that all of them state,
-- `summed` adds the different ones.
with claims as (
    select * from {{ ref('stg_annual_report__claims') }}
),

reports as (
    select * from {{ ref('stg_annual_report__reports') }}
),

lines as (
    select * from {{ ref('int_lines_resolved') }}
),

editions as (
    select * from {{ ref('form_edition') }}
),

prose_lines as (
    select lines.*
    from lines
    inner join editions on lines.form_id = editions.form_id
    where not editions.has_table
),

weighed as (
    select
        *,
        coalesce(precision in ('exact', 'implied') and value is not null, false) as is_exact
    from claims
),

-- One row per figure, however often it is stated.
figures as (
    select
        report_id,
        indicator_code,
        qualifier,
        is_exact,
        case when is_exact then value end as value,
        min(line_no) as line_no
    from weighed
    group by all
),

stated as (
    select
        report_id,
        indicator_code,
        qualifier,
        count(value) as figure_count,
        bool_and(is_exact) as is_exact,
        min(value) as any_value,
        sum(value) as summed_value,
        min(line_no) as line_no
    from figures
    group by report_id, indicator_code, qualifier
)

select
    stated.report_id,
    stated.indicator_code,
    stated.qualifier,
    case when stated.figure_count = 1 then stated.any_value end as single_value,
    case stated.figure_count
        when 0 then 'inexact'
        when 1 then 'reported'
        else 'differing'
    end as single_status,
    case when stated.is_exact then stated.summed_value end as summed_value,
    case when stated.is_exact then 'reported' else 'inexact' end as summed_status,
    stated.line_no,
    reports.doc_type,
    prose_lines.form_id,
    prose_lines.line_key,
    prose_lines.parent_code,
    prose_lines.fact_code,
    prose_lines.measure_code,
    prose_lines.channel_code,
    prose_lines.forum_code,
    prose_lines.result_code,
    prose_lines.outcome_level,
    prose_lines.is_total,
    prose_lines.is_summable,
    prose_lines.unit,
    prose_lines.series_code,
    prose_lines.is_series_break,
    prose_lines.series_caveat_zh,
    prose_lines.series_caveat_en
from stated
inner join reports on stated.report_id = reports.report_id
-- One edition has no table, so a code has one meaning in prose.
left join prose_lines on stated.indicator_code = prose_lines.indicator_code
