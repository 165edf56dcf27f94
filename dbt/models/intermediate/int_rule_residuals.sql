{{ config(materialized='table') }}

-- One row per annual report, rule that covers it, and member of the rule's scope: does it hold, and
-- if not, does the source say so or the reading? All kinds of rules go through the table of terms.
-- Figures meet terms once, by number, and are added up as they meet; the words that tell what was
-- compared are made only where a rule fails or a figure is in doubt.
with coverage as (
    select * from {{ ref('int_rule_coverage') }}
),

rules as (
    select
        * exclude (tolerance),
        cast(tolerance as decimal(12, 6)) as tolerance
    from {{ ref('form_rule') }}
),

rule_terms as (
    select * from {{ ref('int_rule_terms_expanded') }}
),

operands as (
    select * from {{ ref('int_operands_available') }}
),

reports as (
    select * from {{ ref('int_reports_canonical') }}
),

cells as (
    select * from {{ ref('int_cells_conformed') }}
    where occurrence_no = 1
),

numbered_reports as (
    select
        report_id,
        previous_report_id,
        cast(row_number() over (order by report_id) as integer) as report_key
    from reports
),

-- One row per report and the report whose figures count as last year's there.
successions as (
    select
        numbered_reports.report_key,
        previous.report_key as previous_report_key
    from numbered_reports
    inner join numbered_reports as previous
        on numbered_reports.previous_report_id = previous.report_id
),

-- One row per side of an instance: left and right, or the parts of a ratio.
signed_terms as (
    select
        rule_terms.*,
        case rule_terms.role
            when 'left' then 1
            when 'printed' then 1
            when 'denominator' then 3
            when 'denominator_else' then 4
            else 2
        end as side_no,
        -- A table without cells is a count of none; any other absent figure is missed.
        not rule_terms.is_optional and rule_terms.operand != 'table' as is_needed,
        rules.rule_kind,
        rules.rule_group,
        rules.relation,
        rules.tolerance
    from rule_terms
    inner join rules on rule_terms.rule_id = rules.rule_id
),

-- One row per rule and member of its scope: how many figures its sides need.
instances as (
    select
        instance_no,
        any_value(rule_id) as rule_id,
        any_value(scope_code) as scope_code,
        any_value(rule_kind) as rule_kind,
        count(*) filter (where is_needed and side_no = 1) as needed_count_1,
        count(*) filter (where is_needed and side_no = 2) as needed_count_2,
        count(*) filter (where is_needed and side_no = 3) as needed_count_3,
        count(*) filter (where is_needed and side_no = 4) as needed_count_4,
        count(*) filter (where is_optional and side_no <= 2) as optional_count,
        count(*) filter (where is_optional and side_no = 3) as optional_count_3,
        count(*) filter (where is_optional and side_no = 4) as optional_count_4,
        bool_or(side_no = 4) as has_side_4,
        count(*) as term_count
    from signed_terms
    group by instance_no
),

covered as (
    select
        numbered_reports.report_key,
        coverage.report_id,
        instances.*
    from coverage
    inner join numbered_reports on coverage.report_id = numbered_reports.report_id
    inner join instances
        on
            coverage.rule_id = instances.rule_id
            and coverage.scope_code = instances.scope_code
),

figures as not materialized (
    select
        numbered_reports.report_key,
        operands.operand_no,
        operands.value,
        operands.operand_status in ('blank', 'dash', 'inexact') as is_absent,
        operands.operand_status in ('ambiguous', 'unreadable', 'differing') as is_doubtful,
        operands.is_sound,
        operands.solved_by
    from operands
    inner join numbered_reports on operands.report_id = numbered_reports.report_id
),

-- One row per report and figure that its rules may look at: its own, and those of the year before.
met as not materialized (
    select
        figures.report_key,
        figures.operand_no,
        figures.value,
        figures.is_absent,
        figures.is_doubtful,
        figures.is_sound,
        figures.solved_by,
        0 as year_offset
    from figures

    union all

    select
        successions.report_key,
        figures.operand_no,
        figures.value,
        figures.is_absent,
        figures.is_doubtful,
        figures.is_sound,
        figures.solved_by,
        -1 as year_offset
    from figures
    inner join successions on figures.report_key = successions.previous_report_key
),

-- One row per term of a rule and figure that it finds.
weighed as not materialized (
    select
        met.report_key,
        signed_terms.instance_no,
        signed_terms.rule_id,
        signed_terms.rule_kind,
        signed_terms.side_no,
        signed_terms.is_needed and not met.is_absent as is_found,
        signed_terms.is_optional and not met.is_absent as is_found_option,
        met.is_doubtful,
        met.is_sound,
        met.solved_by,
        signed_terms.coefficient * met.value as amount
    from met
    inner join signed_terms
        on
            met.operand_no = signed_terms.operand_no
            and met.year_offset = signed_terms.year_offset
),

linear_sums as (
    select
        report_key,
        instance_no,
        sum(amount) filter (where side_no = 1) as left_total,
        sum(amount) filter (where side_no = 2) as right_total,
        count(*) filter (where is_found and side_no = 1) as left_count,
        count(*) filter (where is_found and side_no = 2) as right_count,
        count(*) filter (where is_found_option) as optional_count,
        count(*) filter (where is_doubtful and side_no = 1) as left_doubtful_count,
        count(*) filter (where is_doubtful and side_no = 2) as right_doubtful_count,
        {{ all_from_source() }} as is_source
    from weighed
    where rule_kind != 'ratio'
    group by report_key, instance_no
),

linear_instances as (
    select
        covered.report_id,
        covered.rule_id,
        covered.scope_code,
        covered.report_key,
        covered.instance_no,
        case
            when
                coalesce(sums.left_count, 0) = covered.needed_count_1
                and coalesce(sums.left_doubtful_count, 0) = 0
                then coalesce(sums.left_total, 0)
        end as left_value,
        case
            -- Tables are counted against those that the rule names.
            when covered.rule_kind = 'presence' then covered.term_count
            when
                coalesce(sums.right_count, 0) = covered.needed_count_2
                and coalesce(sums.right_doubtful_count, 0) = 0
                then coalesce(sums.right_total, 0)
        end as right_value,
        coalesce(sums.left_count + sums.right_count, 0)
        < covered.needed_count_1 + covered.needed_count_2 as is_absent,
        coalesce(sums.left_doubtful_count + sums.right_doubtful_count, 0) > 0 as is_doubtful,
        coalesce(sums.optional_count, 0) < covered.optional_count as is_omitted,
        coalesce(sums.is_source, true) as is_source,
        false as is_else,
        cast(null as varchar) as operands
    from covered
    left join linear_sums as sums
        on
            covered.report_key = sums.report_key
            and covered.instance_no = sums.instance_no
    where covered.rule_kind != 'ratio'
),

ratio_sides as (
    select
        report_key,
        instance_no,
        side_no,
        coalesce(sum(amount), 0) as total,
        count(*) filter (where is_found) as found_count,
        count(*) filter (where is_found_option) as optional_count,
        count(*) filter (where is_doubtful) as doubtful_count,
        {{ all_from_source() }} as is_source
    from weighed
    where rule_kind = 'ratio'
    group by report_key, instance_no, side_no
),

ratios as (
    select
        report_key,
        instance_no,
        any_value(ratio_sides) filter (where side_no = 1) as side_1,
        any_value(ratio_sides) filter (where side_no = 2) as side_2,
        any_value(ratio_sides) filter (where side_no = 3) as side_3,
        any_value(ratio_sides) filter (where side_no = 4) as side_4
    from ratio_sides
    group by report_key, instance_no
),

-- The second denominator stands in where the first is absent.
chosen_sides as (
    select
        covered.*,
        ratios.side_1,
        ratios.side_2,
        coalesce(ratios.side_3.found_count, 0) < covered.needed_count_3
        and covered.has_side_4 as is_else,
        case when is_else then ratios.side_4 else ratios.side_3 end as whole,
        case when is_else then covered.needed_count_4 else covered.needed_count_3 end
            as needed_whole_count,
        case when is_else then covered.optional_count_4 else covered.optional_count_3 end
            as optional_whole_count
    from covered
    left join ratios
        on
            covered.report_key = ratios.report_key
            and covered.instance_no = ratios.instance_no
    where covered.rule_kind = 'ratio'
),

ratio_values as (
    select
        *,
        coalesce(side_1.found_count, 0) < needed_count_1
        or coalesce(side_2.found_count, 0) < needed_count_2
        or coalesce(whole.found_count, 0) < needed_whole_count as is_absent,
        case
            when
                coalesce(side_1.found_count, 0) = needed_count_1
                and coalesce(side_1.doubtful_count, 0) = 0
                then coalesce(side_1.total, 0)
        end as printed,
        case
            when
                coalesce(side_2.found_count, 0) = needed_count_2
                and coalesce(side_2.doubtful_count, 0) = 0
                then coalesce(side_2.total, 0)
        end as numerator,
        case
            when
                coalesce(whole.found_count, 0) = needed_whole_count
                and coalesce(whole.doubtful_count, 0) = 0
                then coalesce(whole.total, 0)
        end as denominator
    from chosen_sides
),

ratio_instances as (
    select
        report_id,
        rule_id,
        scope_code,
        report_key,
        instance_no,
        printed as left_value,
        {{ percentage('numerator', 'denominator') }} as right_value,
        is_absent,
        coalesce(side_1.doubtful_count, 0)
        + coalesce(side_2.doubtful_count, 0)
        + coalesce(whole.doubtful_count, 0) > 0 as is_doubtful,
        coalesce(side_1.optional_count, 0)
        + coalesce(side_2.optional_count, 0)
        + coalesce(whole.optional_count, 0) < optional_count + optional_whole_count as is_omitted,
        coalesce(side_1.is_source, true)
        and coalesce(side_2.is_source, true)
        and coalesce(whole.is_source, true) as is_source,
        is_else,
        cast(null as varchar) as operands
    from ratio_values
),

judged_cells as (
    select
        cells.*,
        cells.column_code as part_code,
        cells.value_status = 'reported' and (cells.value < 0 or cells.value != floor(cells.value))
            as is_offending
    from cells
    semi join rules
        on
            cells.table_code = rules.table_code
            and rules.rule_kind = 'domain'
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
        cast(null as integer) as report_key,
        cast(null as integer) as instance_no,
        cast(table_domains.offending_count as decimal(38, 6)) as left_value,
        cast(
            case when table_domains.offending_count is not null then 0 end as decimal(38, 6)
        ) as right_value,
        coalesce(table_domains.figure_count, 0) = 0 as is_absent,
        -- A figure that is certainly no count settles it, whatever else is in doubt.
        coalesce(table_domains.offending_count = 0 and table_domains.doubtful_count > 0, false)
            as is_doubtful,
        false as is_omitted,
        not table_domains.has_table_error
        and not list_contains(
            string_split(coalesce(table_domains.solved_by, ''), '|'), coverage.rule_id
        ) as is_source,
        false as is_else,
        table_domains.operands
    from coverage
    inner join rules on coverage.rule_id = rules.rule_id
    left join table_domains
        on
            coverage.report_id = table_domains.report_id
            and rules.table_code = table_domains.table_code
    where rules.rule_kind = 'domain'
),

all_instances as (
    select * from linear_instances
    union all
    select * from ratio_instances
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
            when compared.is_absent then 'not_assessable'
            when compared.is_doubtful then 'uncertain'
            -- A share of nothing.
            when compared.residual is null then 'not_assessable'
            when
                case rules.relation
                    when '<=' then compared.residual <= rules.tolerance
                    when '>=' then compared.residual >= -rules.tolerance
                    else abs(compared.residual) <= rules.tolerance
                end
                then 'pass'
            when compared.is_omitted then 'not_assessable'
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
    -- Other rules are in no group. A condition on them here would compare every pair of rows.
    left join alternatives
        on
            decided.report_id = alternatives.report_id
            and decided.rule_group = alternatives.rule_group
            and decided.scope_code = alternatives.scope_code
),

-- What was compared, for the few that somebody will look at.
told_terms as (
    select
        concluded.report_key,
        concluded.instance_no,
        signed_terms.side_no,
        signed_terms.term_no,
        case when signed_terms.coefficient < 0 then '- ' else '+ ' end
        || case
            when abs(signed_terms.coefficient) != 1 then abs(signed_terms.coefficient) || ' * '
            else ''
        end
        || case
            when signed_terms.year_offset = -1 then 'prev(' || {{ operand_name() }} || ')'
            when signed_terms.body = 'children' then 'children(' || {{ operand_name() }} || ')'
            else {{ operand_name() }}
        end
        || ' '
        || case
            -- A table that is not there is a count of none.
            when operands.operand_no is null and signed_terms.operand = 'table' then '0'
            else coalesce({{ number_text('operands.value') }}, operands.operand_status, 'absent')
        end as term_text
    from concluded
    inner join signed_terms on concluded.instance_no = signed_terms.instance_no
    inner join numbered_reports on concluded.report_key = numbered_reports.report_key
    -- The key of an operand: a term meets at most one.
    left join operands
        on
            signed_terms.operand_no = operands.operand_no
            and operands.report_id = case
                when signed_terms.year_offset = -1 then numbered_reports.previous_report_id
                else numbered_reports.report_id
            end
    where concluded.result in ('fail', 'uncertain')
),

told_sides as (
    select
        report_key,
        instance_no,
        side_no,
        regexp_replace(string_agg(term_text, ' ' order by term_no), '^\+ ', '') as side_text
    from told_terms
    group by report_key, instance_no, side_no
),

told as (
    select
        report_key,
        instance_no,
        any_value(side_text) filter (where side_no = 1) as text_1,
        any_value(side_text) filter (where side_no = 2) as text_2,
        any_value(side_text) filter (where side_no = 3) as text_3,
        any_value(side_text) filter (where side_no = 4) as text_4
    from told_sides
    group by report_key, instance_no
)

select
    concluded.report_id,
    concluded.rule_id,
    concluded.scope_code,
    cast(concluded.left_value as decimal(38, 6)) as left_value,
    cast(concluded.right_value as decimal(38, 6)) as right_value,
    cast(concluded.residual as decimal(38, 6)) as residual,
    concluded.result,
    case
        when concluded.result != 'fail' then ''
        when concluded.is_source then 'source'
        else 'reading'
    end as cause,
    concluded.matched_rule_id,
    case
        when concluded.result not in ('fail', 'uncertain') then ''
        when concluded.rule_kind = 'domain' then coalesce(concluded.operands, '')
        when concluded.rule_kind = 'ratio'
            then
                told.text_1
                || ' ' || rules.relation
                || ' 100 * (' || told.text_2
                || ') / ('
                || case when concluded.is_else then told.text_4 else told.text_3 end || ')'
        else
            coalesce(told.text_1, '0')
            || ' ' || rules.relation || ' '
            || coalesce(
                told.text_2,
                -- Tables are counted against those that the rule names.
                {{ number_text('concluded.right_value') }}
            )
    end as operands
from concluded
inner join rules on concluded.rule_id = rules.rule_id
left join told
    on
        concluded.report_key = told.report_key
        and concluded.instance_no = told.instance_no
