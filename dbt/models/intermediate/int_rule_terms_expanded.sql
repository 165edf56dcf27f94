{{ config(materialized='table') }}

-- One row per rule, member of its scope, and term that counts in that member, codes resolved:
-- part_code is the column of a cell or the qualifier of a claim;
-- operand_no numbers the figures that terms look at, as instance_no does the rules with members.
with rules as (
    select * from {{ ref('form_rule') }}
),

rule_members as (
    select * from {{ ref('int_rule_members') }}
),

rule_terms as (
    -- An empty field of a seed arrives as NULL; an empty code is a code here.
    select
        rule_id,
        cast(term_no as integer) as term_no,
        coalesce(scope_code, '') as scope_code,
        role,
        cast(coefficient as decimal(6, 0)) as coefficient,
        operand,
        indicator_code,
        coalesce(column_code, '') as column_code,
        coalesce(qualifier, '') as qualifier,
        coalesce(claim_use, '') as claim_use,
        cast(year_offset as integer) as year_offset,
        body,
        is_optional
    from {{ ref('form_rule_term') }}
),

members as (
    select distinct
        rule_members.rule_id,
        rule_members.scope_code,
        rule_members.instance_no,
        rules.rule_kind,
        rules.table_code
    from rule_members
    inner join rules on rule_members.rule_id = rules.rule_id
),

resolved as (
    select
        members.rule_id,
        members.scope_code,
        members.instance_no,
        rule_terms.term_no,
        rule_terms.role,
        rule_terms.coefficient,
        rule_terms.operand,
        case
            when rule_terms.indicator_code = '*' then members.scope_code
            else rule_terms.indicator_code
        end as indicator_code,
        case
            when rule_terms.operand = 'claim' then rule_terms.qualifier
            when rule_terms.operand = 'table' then ''
            when rule_terms.column_code = '*' then members.scope_code
            else rule_terms.column_code
        end as part_code,
        case when rule_terms.operand = 'claim' then rule_terms.claim_use else '' end as claim_use,
        rule_terms.year_offset,
        rule_terms.body,
        rule_terms.is_optional
    from members
    inner join rule_terms on members.rule_id = rule_terms.rule_id
    where members.rule_kind != 'domain' and rule_terms.scope_code in ('', members.scope_code)

    union all

    -- A rule on all cells of a table looks at one figure: how many of them are no counts.
    select
        members.rule_id,
        members.scope_code,
        members.instance_no,
        1 as term_no,
        'left' as role,
        cast(1 as decimal(6, 0)) as coefficient,
        'no_counts' as operand,
        members.table_code as indicator_code,
        '' as part_code,
        '' as claim_use,
        0 as year_offset,
        'self' as body,
        false as is_optional
    from members
    where members.rule_kind = 'domain'
)

select
    *,
    -- The side of the comparison: left and right, or the four parts of a ratio.
    case role
        when 'left' then 1
        when 'printed' then 1
        when 'denominator' then 3
        when 'denominator_else' then 4
        else 2
    end as side_no,
    cast(
        dense_rank() over (order by body, operand, claim_use, indicator_code, part_code) as integer
    ) as operand_no
from resolved
