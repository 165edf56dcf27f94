{{ config(materialized='table') }}

-- One row per annual report, rule that covers it, and member of the rule's scope: does it hold, and
-- if not, does the source say so or the reading? All kinds of rules go through the table of terms.
with coverage as (
    select * from {{ ref('int_rule_coverage') }}
),

operands as (
    select * from {{ ref('int_rule_operands') }}
),

rules as (
    select
        * exclude (tolerance),
        cast(tolerance as decimal(12, 6)) as tolerance
    from {{ ref('form_rule') }}
),

cells as (
    select * from {{ ref('int_cells_conformed') }}
    where occurrence_no = 1
),

weighed as (
    select
        *,
        operand_status in ('absent', 'blank', 'dash', 'inexact') as is_absent,
        operand_status in ('ambiguous', 'unreadable', 'differing') as is_doubtful,
        case when coefficient < 0 then '- ' else '+ ' end
        || case when abs(coefficient) != 1 then abs(coefficient) || ' * ' else '' end
        || case
            when year_offset = -1 then 'prev(' || {{ operand_name() }} || ')'
            when body = 'children' then 'children(' || {{ operand_name() }} || ')'
            else {{ operand_name() }}
        end
        || ' '
        || coalesce({{ number_text('value') }}, operand_status) as operand_text
    from operands
),

-- One row per side of an instance: left and right, or the parts of a ratio.
summed as (
    select
        report_id,
        rule_id,
        scope_code,
        role,
        count(*) filter (where is_absent and not is_optional) as absent_count,
        count(*) filter (where is_absent and is_optional) as omitted_count,
        count(*) filter (where is_doubtful) as doubtful_count,
        -- An optional term that is absent adds nothing.
        coalesce(sum(coefficient * value), 0) as total,
        count(*) as term_count,
        bool_and(is_source) as is_source,
        -- Sorted as a list: an ordered string_agg takes six times as long on so many small groups.
        list_sort(list({ 'term_no': term_no, 'text': operand_text })) as texts
    from weighed
    group by report_id, rule_id, scope_code, role
),

sides as (
    select
        * exclude (texts),
        regexp_replace(
            array_to_string(list_transform(texts, lambda term: term.text), ' '), '^\+ ', ''
        ) as side_text
    from summed
),

instances as (
    select
        report_id,
        rule_id,
        scope_code,
        any_value(sides) filter (where role = 'left') as left_side,
        any_value(sides) filter (where role = 'right') as right_side,
        any_value(sides) filter (where role = 'printed') as printed_side,
        any_value(sides) filter (where role = 'numerator') as numerator,
        any_value(sides) filter (where role = 'denominator') as denominator,
        any_value(sides) filter (where role = 'denominator_else') as denominator_else
    from sides
    group by report_id, rule_id, scope_code
),

-- One row per instance; the second denominator stands in where the first is absent.
chosen as (
    select
        *,
        case
            when denominator.absent_count > 0 and denominator_else is not null
                then denominator_else
            else denominator
        end as whole
    from instances
),

linear_instances as (
    select
        chosen.report_id,
        chosen.rule_id,
        chosen.scope_code,
        {{ side_value('chosen.left_side') }} as left_value,
        -- Tables are counted against those that the rule names.
        case
            when rules.rule_kind = 'presence' then chosen.left_side.term_count
            else {{ side_value('chosen.right_side') }}
        end as right_value,
        [chosen.left_side, chosen.right_side] as used_sides,
        coalesce(chosen.left_side.side_text, '0')
        || ' ' || rules.relation || ' '
        || coalesce(
            chosen.right_side.side_text,
            cast(
                case when rules.rule_kind = 'presence' then chosen.left_side.term_count else 0 end
                as varchar
            )
        ) as operands
    from chosen
    inner join rules on chosen.rule_id = rules.rule_id
    where rules.rule_kind != 'ratio'
),

ratio_instances as (
    select
        chosen.report_id,
        chosen.rule_id,
        chosen.scope_code,
        {{ side_value('chosen.printed_side') }} as left_value,
        {{ percentage(side_value('chosen.numerator'), side_value('chosen.whole')) }} as right_value,
        [chosen.printed_side, chosen.numerator, chosen.whole] as used_sides,
        chosen.printed_side.side_text
        || ' ' || rules.relation
        || ' 100 * (' || chosen.numerator.side_text
        || ') / (' || chosen.whole.side_text || ')' as operands
    from chosen
    inner join rules on chosen.rule_id = rules.rule_id
    where rules.rule_kind = 'ratio'
),

both_instances as (
    select * from linear_instances
    union all
    select * from ratio_instances
),

term_instances as (
    select
        report_id,
        rule_id,
        scope_code,
        left_value,
        right_value,
        list_sum(list_transform(used_sides, lambda side: side.absent_count)) as absent_count,
        list_sum(list_transform(used_sides, lambda side: side.doubtful_count)) as doubtful_count,
        list_sum(list_transform(used_sides, lambda side: side.omitted_count)) as omitted_count,
        list_bool_and(list_transform(used_sides, lambda side: side.is_source)) as is_source,
        operands
    from both_instances
),

judged_cells as (
    select
        *,
        column_code as part_code,
        value_status = 'reported' and (value < 0 or value != floor(value)) as is_offending
    from cells
),

-- One row per report and table: which of its figures are no counts.
table_domains as (
    select
        report_id,
        table_code,
        count(*) filter (
            where value_status in ('reported', 'ambiguous', 'unreadable')
        ) as figure_count,
        count(*) filter (where value_status in ('ambiguous', 'unreadable')) as doubtful_count,
        count(*) filter (where is_offending) as offending_count,
        bool_or(has_table_error) as has_table_error,
        string_agg(
            {{ operand_name() }} || ' ' || {{ number_text('value') }},
            ', ' order by indicator_code, part_code
        ) filter (where is_offending) as operands,
        string_agg(solved_by, '|') filter (where is_offending and method = 'solved') as solved_by
    from judged_cells
    group by report_id, table_code
),

domain_instances as (
    select
        coverage.report_id,
        coverage.rule_id,
        coverage.scope_code,
        cast(table_domains.offending_count as decimal(38, 6)) as left_value,
        cast(
            case when table_domains.offending_count is not null then 0 end as decimal(38, 6)
        ) as right_value,
        case when coalesce(table_domains.figure_count, 0) = 0 then 1 else 0 end as absent_count,
        -- A figure that is certainly no count settles it, whatever else is in doubt.
        case
            when table_domains.offending_count = 0 then table_domains.doubtful_count else 0
        end as doubtful_count,
        0 as omitted_count,
        not table_domains.has_table_error
        and not list_contains(
            string_split(coalesce(table_domains.solved_by, ''), '|'), coverage.rule_id
        ) as is_source,
        coalesce(table_domains.operands, '') as operands
    from coverage
    inner join rules on coverage.rule_id = rules.rule_id
    left join table_domains
        on
            coverage.report_id = table_domains.report_id
            and rules.table_code = table_domains.table_code
    where rules.rule_kind = 'domain'
),

all_instances as (
    select * from term_instances
    union all
    select * from domain_instances
),

compared as (
    select
        *,
        left_value - right_value as residual
    from all_instances
),

decided as (
    select
        compared.*,
        rules.rule_kind,
        rules.rule_group,
        case
            when compared.absent_count > 0 then 'not_assessable'
            when compared.doubtful_count > 0 then 'uncertain'
            -- A share of nothing.
            when compared.residual is null then 'not_assessable'
            when
                case rules.relation
                    when '<=' then compared.residual <= rules.tolerance
                    when '>=' then compared.residual >= -rules.tolerance
                    else abs(compared.residual) <= rules.tolerance
                end
                then 'pass'
            when compared.omitted_count > 0 then 'not_assessable'
            else 'fail'
        end as own_result
    from compared
    inner join rules on compared.rule_id = rules.rule_id
),

-- One row per report and group of alternatives.
alternatives as (
    select
        report_id,
        rule_group,
        scope_code,
        min(rule_id) filter (where own_result = 'pass') as matched_rule_id,
        case
            when bool_or(own_result = 'pass') then 'pass'
            when bool_or(own_result = 'uncertain') then 'uncertain'
            when bool_and(own_result = 'fail') then 'fail'
            else 'not_assessable'
        end as result
    from decided
    where rule_kind = 'any_of'
    group by report_id, rule_group, scope_code
),

concluded as (
    select
        decided.*,
        coalesce(alternatives.result, decided.own_result) as result,
        coalesce(alternatives.matched_rule_id, '') as matched_rule_id
    from decided
    left join alternatives
        on
            decided.rule_kind = 'any_of'
            and decided.report_id = alternatives.report_id
            and decided.rule_group = alternatives.rule_group
            and decided.scope_code = alternatives.scope_code
)

select
    report_id,
    rule_id,
    scope_code,
    cast(left_value as decimal(38, 6)) as left_value,
    cast(right_value as decimal(38, 6)) as right_value,
    cast(residual as decimal(38, 6)) as residual,
    result,
    case
        when result != 'fail' then ''
        when is_source then 'source'
        else 'reading'
    end as cause,
    matched_rule_id,
    operands
from concluded
