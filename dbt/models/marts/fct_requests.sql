-- One row per report and type of applicant: what came in, what was carried in and out.
with figures as (
    select * from {{ ref('int_figures_chosen') }}
)

select
    report_id,
    applicant_code,
    column_code,
    cast(max(value) filter (where measure_code = 'new_count') as bigint) as new_count,
    cast(max(value) filter (where measure_code = 'carried_in_count') as bigint) as carried_in_count,
    cast(max(value) filter (where measure_code = 'carried_out_count') as bigint)
        as carried_out_count,
    bool_or(is_series_break) as is_series_break,
    string_agg(series_caveat_zh, ' ' order by indicator_code) as series_caveat_zh,
    string_agg(series_caveat_en, ' ' order by indicator_code) as series_caveat_en,
    value_source
from figures
where fact_code = 'requests'
group by report_id, applicant_code, column_code, value_source
