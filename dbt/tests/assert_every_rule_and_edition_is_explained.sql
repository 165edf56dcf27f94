-- A row here means that the warehouse evaluated a rule on an edition that the list of applicable
-- rules does not name, or that a covered rule has no member to be evaluated on.
{{ config(meta={'dagster': {'ref': {'name': 'rule_applicability'}}}) }}

with evaluated as (
    select distinct
        rule_id,
        form_id
    from {{ ref('int_rule_members') }}
),

applicable as (
    select
        rule_id,
        form_id
    from {{ ref('rule_applicability') }}
    where is_covered
)

(
    select * from evaluated
    except all
    select * from applicable
)
union all
(
    select * from applicable
    except all
    select * from evaluated
)
