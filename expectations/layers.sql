-- One row per kind of thing: how many were read, and how many stand in the marts?
select
    'reports' as thing,
    (select count(*) from raw.reports) as read_count,
    (select count(*) from marts.dim_report) as arrived_count
union all
select
    'claims',
    (select count(*) from raw.claims),
    (select count(*) from marts.fct_claims)
union all
select
    'tasks',
    (select count(*) from raw.tasks),
    (select count(*) from (select distinct report_id, task_no from marts.fct_plan_tasks))
union all
select
    'documents without a status',
    0,
    (select count(*) from raw.documents where status not in ('parsed', 'unusable'))
order by thing
