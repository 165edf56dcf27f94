-- One row per task of a work plan, role and unit. A task that names no unit has one row.
with tasks as (
    select * from {{ ref('stg_annual_report__tasks') }}
),

named_units as (
    select
        report_id,
        task_no,
        'lead' as role_code,
        unnest(lead_units) as unit_name,
        generate_subscripts(lead_units, 1) as unit_no
    from tasks

    union all

    select
        report_id,
        task_no,
        'responsible' as role_code,
        unnest(responsible_units) as unit_name,
        generate_subscripts(responsible_units, 1) as unit_no
    from tasks
)

select
    tasks.report_id,
    tasks.task_no,
    coalesce(named_units.role_code, 'unassigned') as role_code,
    cast(coalesce(named_units.unit_no, 1) as integer) as unit_no,
    named_units.unit_name,
    nullif(tasks.theme, '') as theme,
    tasks.title,
    nullif(tasks.deadline, '') as deadline,
    tasks.line_no
from tasks
left join named_units
    on
        tasks.report_id = named_units.report_id
        and tasks.task_no = named_units.task_no
