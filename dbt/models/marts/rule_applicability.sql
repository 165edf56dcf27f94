-- One row per rule and edition: does the rule cover it, and why or why not.
with rules as (
    select * from {{ ref('form_rule') }}
),

editions as (
    select * from {{ ref('form_edition') }}
),

rule_editions as (
    select * from {{ ref('form_rule_edition') }}
),

rule_terms as (
    select * from {{ ref('form_rule_term') }}
),

lines as (
    select * from {{ ref('form_line') }}
),

reasons as (
    select * from {{ ref('applicability_reason') }}
),

compared_kinds as (
    select
        rule_id,
        bool_and(operand = 'claim') as is_prose_only
    from rule_terms
    group by rule_id
),

-- One row per rule and edition that shares a line with it.
shared_lines as (
    select distinct
        rule_terms.rule_id,
        lines.form_id
    from rule_terms
    inner join lines on rule_terms.indicator_code = lines.indicator_code
    where rule_terms.operand = 'cell'
),

judged as (
    select
        rules.rule_id,
        editions.form_id,
        rule_editions.rule_id is not null as is_covered,
        case
            when rule_editions.rule_id is not null then 'covered'
            when compared_kinds.is_prose_only then 'prose'
            when shared_lines.rule_id is null then 'no_such_lines'
            else 'no_such_relation'
        end as reason_code
    from rules
    cross join editions
    left join rule_editions
        on rules.rule_id = rule_editions.rule_id and editions.form_id = rule_editions.form_id
    left join compared_kinds on rules.rule_id = compared_kinds.rule_id
    left join shared_lines
        on rules.rule_id = shared_lines.rule_id and editions.form_id = shared_lines.form_id
)

select
    judged.rule_id,
    judged.form_id,
    judged.is_covered,
    judged.reason_code,
    reasons.reason_zh,
    reasons.reason_en
from judged
inner join reasons on judged.reason_code = reasons.reason_code
