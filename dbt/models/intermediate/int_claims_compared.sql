-- One row per report, indicator and qualifier stated in prose that a rule equates with the table:
-- the table's figure. Of several readings of the claim, the one that holds, else the first.
with rule_terms as (
    select * from {{ ref('int_rule_terms_expanded') }}
),

rules as (
    select * from {{ ref('form_rule') }}
),

residuals as (
    select * from {{ ref('int_rule_residuals') }}
),

reports as (
    select * from {{ ref('int_reports_numbered') }}
),

rule_members as (
    select distinct
        instance_no,
        rule_id
    from {{ ref('int_rule_members') }}
),

-- Rules that set one claim on the left against cells of the same report on the right.
comparisons as (
    select
        rule_id,
        any_value(indicator_code) filter (where operand = 'claim') as indicator_code,
        any_value(part_code) filter (where operand = 'claim') as qualifier
    from rule_terms
    group by rule_id
    having
        count(*) filter (where operand = 'claim') = 1
        and count(*) filter (where role = 'left' and operand = 'claim') = 1
        and count(*) filter (where role = 'right' and operand = 'cell') = count(*) - 1
        and bool_and(year_offset = 0 and body = 'self')
)

select
    reports.report_id,
    comparisons.indicator_code,
    comparisons.qualifier,
    comparisons.rule_id,
    {{ right_value('residuals') }} as table_value
from residuals
inner join reports on residuals.report_key = reports.report_key
inner join rule_members on residuals.instance_no = rule_members.instance_no
inner join comparisons on rule_members.rule_id = comparisons.rule_id
inner join rules on comparisons.rule_id = rules.rule_id
where
    rules.relation = '='
    and {{ knows('residuals', 'right') }}
qualify row_number() over (
    partition by residuals.report_key, comparisons.indicator_code, comparisons.qualifier
    order by
        residuals.instance_no = residuals.matched_instance_no desc nulls last,
        comparisons.rule_id
) = 1
