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

-- The line behind a measure is one of the report's edition, or of the edition for prose.
measure_lines as (
    select
        lines.form_id,
        lines.measure_code,
        lines.indicator_code,
        editions.has_table
    from lines
    inner join editions on lines.form_id = editions.form_id
    where lines.fact_code = 'requests'
)

select
    request_measures.report_id,
    'fct_requests' as fact,
    measure_lines.indicator_code,
    request_measures.column_code,
    '' as qualifier,
    cast(request_measures.request_count as decimal(24, 6)) as value,
    request_measures.value_source
from request_measures
inner join reports on request_measures.report_id = reports.report_id
inner join measure_lines
    on
        request_measures.measure_code = measure_lines.measure_code
        and case request_measures.value_source
            when 'table' then reports.form_id = measure_lines.form_id
            else not measure_lines.has_table
        end

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
