-- One row per report whose figures as read and those in the facts do not agree, one by one, and one row
-- for all the others.
with request_measures as (
    unpivot (
        select report_id, column_code, new_count, carried_in_count, carried_out_count
        from marts.fct_requests
        where value_source = 'table'
    )
    on new_count, carried_in_count, carried_out_count
    into name measure_code value figure
),

arrived as (
    select request_measures.report_id, lines.indicator_code, column_code, figure
    from request_measures
    inner join marts.dim_report as reports on request_measures.report_id = reports.report_id
    inner join form.form_line as lines
        on
            reports.form_id = lines.form_id
            and request_measures.measure_code = lines.measure_code
    union all
    select report_id, outcome_code, column_code, outcome_count
    from marts.fct_outcomes where value_source = 'table'
    union all
    select report_id, indicator_code, column_code, case_count
    from marts.fct_appeals where value_source = 'table'
    union all
    select report_id, indicator_code, column_code, request_count
    from marts.fct_request_channels where value_source = 'table'
    union all
    select report_id, indicator_code, column_code, value
    from marts.fct_proactive_disclosure where value_source = 'table'
    union all
    select report_id, indicator_code, column_code, value
    from marts.fct_capacity where value_source = 'table'
),

read as (
    select
        left(document_id, 16) || '-' || report_no as report_id,
        indicator_code,
        column_code,
        value,
    from raw.cells
    where value_status = 'reported'
),

withheld as (
    select distinct report_id, indicator_code, column_code
    from marts.fct_values_held_back
    where value_status = 'reported'
),

compared as (
    select
        coalesce(read.report_id, arrived.report_id) as report_id,
        read.report_id is not null as is_read,
        arrived.report_id is not null as is_arrived,
        withheld.report_id is not null as is_withheld,
        read.value is distinct from arrived.figure as is_altered,
    from read
    full join arrived
        on
            read.report_id = arrived.report_id
            and read.indicator_code = arrived.indicator_code
            and read.column_code = arrived.column_code
    left join withheld
        on
            read.report_id = withheld.report_id
            and read.indicator_code = withheld.indicator_code
            and read.column_code = withheld.column_code
),

counted as (
    select
        report_id,
        count(*) filter (where is_read and not is_arrived and not is_withheld) as lost_count,
        count(*) filter (where is_arrived and not is_read) as invented_count,
        count(*) filter (where is_read and is_arrived and is_altered) as altered_count,
    from compared
    group by report_id
),

told as (
    select report_id, lost_count, invented_count, altered_count, 1 as row_count
    from counted where lost_count + invented_count + altered_count > 0
    union all
    select min(report_id), 0, 0, 0, count(*)
    from counted where lost_count + invented_count + altered_count = 0 having count(*) > 0
)

select told.*, reports.document
from told
left join marts.dim_report as reports on told.report_id = reports.report_id
order by report_id
