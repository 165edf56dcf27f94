-- One row per edition of the form.
with editions as (
    select * from {{ ref('form_edition') }}
),

lines as (
    select * from {{ ref('form_line') }}
),

rule_editions as (
    select * from {{ ref('form_rule_edition') }}
),

line_counts as (
    select
        form_id,
        count(*) filter (where node_type != 'heading') as line_count
    from lines
    group by form_id
),

rule_counts as (
    select
        form_id,
        count(*) as rule_count
    from rule_editions
    group by form_id
)

select
    editions.form_id,
    cast(editions.valid_from_year as integer) as valid_from_year,
    cast(editions.valid_to_year as integer) as valid_to_year,
    editions.label_zh,
    editions.label_en,
    editions.legal_basis as legal_basis_zh,
    editions.has_table,
    coalesce(line_counts.line_count, 0) as line_count,  -- none listed is none
    coalesce(rule_counts.rule_count, 0) as rule_count  -- none written is none
from editions
left join line_counts on editions.form_id = line_counts.form_id
left join rule_counts on editions.form_id = rule_counts.form_id
