-- One row per figure of the facts, in the dictionary's own terms: the facts read back as codes.
with requests as (
    select * from {{ ref('fct_requests') }}
),

reports as (
    select * from {{ ref('dim_report') }}
),

lines as (
    select * from {{ ref('form_line') }}
),

editions as (
    select * from {{ ref('form_edition') }}
),

request_measures as (
    unpivot requests
    on new_count, carried_in_count, carried_out_count
    into name measure_code value request_count
),

measure_lines as (
    select
        form_id,
        measure_code,
        indicator_code
    from lines
    where fact_code = 'requests'
),

-- The line behind a measure is one of the report's edition, or of the one edition for prose.
edition_measures as (
    select
        request_measures.*,
        case request_measures.value_source
            when 'table' then reports.form_id
            else prose.form_id
        end as form_id
    from request_measures
    inner join reports on request_measures.report_id = reports.report_id
    left join editions as prose on not prose.has_table
)

select
    edition_measures.report_id,
    'fct_requests' as fact,
    measure_lines.indicator_code,
    edition_measures.column_code,
    '' as qualifier,
    cast(edition_measures.request_count as decimal(24, 6)) as value,
    edition_measures.value_source
from edition_measures
inner join measure_lines
    on
        edition_measures.form_id = measure_lines.form_id
        and edition_measures.measure_code = measure_lines.measure_code

union all

select
    report_id,
    'fct_request_channels' as fact,
    indicator_code,
    column_code,
    '' as qualifier,
    cast(request_count as decimal(24, 6)) as value,
    value_source
from {{ ref('fct_request_channels') }}

union all

select
    report_id,
    'fct_request_topics' as fact,
    indicator_code,
    '' as column_code,
    topic_zh as qualifier,
    cast(request_count as decimal(24, 6)) as value,
    value_source
from {{ ref('fct_request_topics') }}

union all

select
    report_id,
    'fct_outcomes' as fact,
    outcome_code as indicator_code,
    column_code,
    '' as qualifier,
    cast(outcome_count as decimal(24, 6)) as value,
    value_source
from {{ ref('fct_outcomes') }}

union all

select
    report_id,
    'fct_appeals' as fact,
    indicator_code,
    column_code,
    '' as qualifier,
    cast(case_count as decimal(24, 6)) as value,
    value_source
from {{ ref('fct_appeals') }}

union all

select
    report_id,
    'fct_proactive_disclosure' as fact,
    indicator_code,
    column_code,
    '' as qualifier,
    value,
    value_source
from {{ ref('fct_proactive_disclosure') }}

union all

select
    report_id,
    'fct_capacity' as fact,
    indicator_code,
    column_code,
    '' as qualifier,
    value,
    value_source
from {{ ref('fct_capacity') }}
