{{ config(materialized='incremental', meta={'key': 'report_id', 'state': 'related_state'}) }}

-- One row per report and topic that it names for requests.
with figures as (
    select * from {{ ref('int_figures_chosen') }}
    where fact_code = 'request_topics' and {{ at_hand('report_key') }}
)

select
    report_id,
    indicator_code,
    qualifier as topic_zh,
    cast(value as bigint) as request_count,
    value_source
from figures
