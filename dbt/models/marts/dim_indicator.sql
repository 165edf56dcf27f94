-- One row per indicator code, worded as in the newest edition that has it.
with lines as (
    select * from {{ ref('form_line') }}
),

editions as (
    select * from {{ ref('form_edition') }}
),

resolved as (
    select * from {{ ref('int_lines_resolved') }}
),

worded as (
    select
        lines.*,
        string_agg(lines.form_id, '|') over (
            partition by lines.indicator_code
            order by editions.valid_from_year, lines.form_id
            rows between unbounded preceding and unbounded following
        ) as form_ids
    from lines
    inner join editions on lines.form_id = editions.form_id
    qualify row_number() over (
        partition by lines.indicator_code
        order by editions.valid_from_year desc, lines.form_id
    ) = 1
)

select
    worded.indicator_code,
    worded.parent_code as parent_indicator_code,
    worded.form_ids,
    worded.table_code,
    worded.section as section_zh,
    worded.label_zh,
    worded.label_en,
    worded.unit,
    worded.kind,
    worded.node_type,
    worded.fact_code,
    resolved.series_code,
    worded.is_total
from worded
-- The meaning under the code's own newest edition: one row.
left join resolved
    on
        worded.form_id = resolved.form_id
        and worded.indicator_code = resolved.indicator_code
