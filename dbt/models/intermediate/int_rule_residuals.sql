{{ config(materialized='table') }}

-- One row per annual report, rule that covers it, and member of the rule's scope: does it hold, and
-- if not, does the source say so or the reading? All kinds of rules go through the table of terms.
-- Figures meet terms once, by number, and are added up as they meet. Reports and rules go by number
-- until the end; the words that tell what was compared are made only where a rule fails or a figure
-- is in doubt.
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
termed_instances as (
    select
        instance_no,
        any_value(rule_id) as rule_id,
        any_value(scope_code) as scope_code,
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

-- A rule on all cells of a table has no terms; its number is one that no other has.
numbered_instances as (
    select * from termed_instances

    union all by name

    select
        -cast(row_number() over (order by rule_id) as integer) as instance_no,
        rule_id,
        '' as scope_code
    from rules
    where rule_kind = 'domain'
),

instances as (
    select
        numbered_instances.*,
        rules.rule_kind,
        rules.rule_group,
        rules.relation,
        rules.tolerance,
        rules.table_code
    from numbered_instances
    inner join rules on numbered_instances.rule_id = rules.rule_id
),

covered as (
    select
        numbered_reports.report_key,
        instances.instance_no
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
        covered.report_key,
        covered.instance_no,
        case
            when
                coalesce(sums.left_count, 0) = instances.needed_count_1
                and coalesce(sums.left_doubtful_count, 0) = 0
                then coalesce(sums.left_total, 0)
        end as left_value,
        case
            -- Tables are counted against those that the rule names.
            when instances.rule_kind = 'presence' then instances.term_count
            when
                coalesce(sums.right_count, 0) = instances.needed_count_2
                and coalesce(sums.right_doubtful_count, 0) = 0
                then coalesce(sums.right_total, 0)
        end as right_value,
        coalesce(sums.left_count + sums.right_count, 0)
        < instances.needed_count_1 + instances.needed_count_2 as is_absent,
        coalesce(sums.left_doubtful_count + sums.right_doubtful_count, 0) > 0 as is_doubtful,
        coalesce(sums.optional_count, 0) < instances.optional_count as is_omitted,
        coalesce(sums.is_source, true) as is_source,
        false as is_else,
        cast(null as varchar) as operands
    from covered
    inner join instances on covered.instance_no = instances.instance_no
    left join linear_sums as sums
        on
            covered.report_key = sums.report_key
            and covered.instance_no = sums.instance_no
    where instances.rule_kind not in ('ratio', 'domain')
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
        covered.report_key,
        instances.*,
        ratios.side_1,
        ratios.side_2,
        coalesce(ratios.side_3.found_count, 0) < instances.needed_count_3
        and instances.has_side_4 as is_else,
        case when is_else then ratios.side_4 else ratios.side_3 end as whole,
        case when is_else then instances.needed_count_4 else instances.needed_count_3 end
            as needed_whole_count,
        case when is_else then instances.optional_count_4 else instances.optional_count_3 end
            as optional_whole_count
    from covered
    inner join instances on covered.instance_no = instances.instance_no
    left join ratios
        on
            covered.report_key = ratios.report_key
            and covered.instance_no = ratios.instance_no
    where instances.rule_kind = 'ratio'
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
        cells.value_status = 'reported' and (cells.value < 0 or {{ is_fractional('cells.value') }})
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
        -- The case keeps the others from being written out in vain.
        string_agg(
            case
                when is_offending then {{ operand_name() }} || ' ' || {{ number_text('value') }}
            end,
            ', ' order by indicator_code, part_code
        ) filter (where is_offending) as operands,
        string_agg(solved_by, '|') filter (where is_offending and method = 'solved') as solved_by
    from judged_cells
    group by report_id, table_code
),

domain_instances as (
    select
        covered.report_key,
        covered.instance_no,
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
            string_split(coalesce(table_domains.solved_by, ''), '|'), instances.rule_id
        ) as is_source,
        false as is_else,
        table_domains.operands
    from covered
    inner join instances on covered.instance_no = instances.instance_no
    inner join numbered_reports on covered.report_key = numbered_reports.report_key
    left join table_domains
        on
            numbered_reports.report_id = table_domains.report_id
            and instances.table_code = table_domains.table_code
    where instances.rule_kind = 'domain'
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
        compared.report_key,
        compared.instance_no,
        compared.left_value,
        compared.right_value,
        compared.residual,
        compared.is_source,
        compared.is_else,
        compared.operands,
        case
            when compared.is_absent then 'not_assessable'
            when compared.is_doubtful then 'uncertain'
            -- A share of nothing.
            when compared.residual is null then 'not_assessable'
            when
                case instances.relation
                    when '<=' then compared.residual <= instances.tolerance
                    when '>=' then compared.residual >= -instances.tolerance
                    else abs(compared.residual) <= instances.tolerance
                end
                then 'pass'
            when compared.is_omitted then 'not_assessable'
            else 'fail'
        end as own_result
    from compared
    inner join instances on compared.instance_no = instances.instance_no
),

-- One row per report and group of alternatives.
alternatives as (
    select
        decided.report_key,
        instances.rule_group,
        instances.scope_code,
        min(instances.rule_id) filter (where decided.own_result = 'pass') as matched_rule_id,
        case
            when bool_or(decided.own_result = 'pass') then 'pass'
            when bool_or(decided.own_result = 'uncertain') then 'uncertain'
            when bool_and(decided.own_result = 'fail') then 'fail'
            else 'not_assessable'
        end as result
    from decided
    inner join instances on decided.instance_no = instances.instance_no
    where instances.rule_kind = 'any_of'
    group by decided.report_key, instances.rule_group, instances.scope_code
),

concluded as not materialized (
    select
        numbered_reports.report_id,
        decided.*,
        instances.rule_id,
        instances.scope_code,
        coalesce(alternatives.result, decided.own_result) as result,
        coalesce(alternatives.matched_rule_id, '') as matched_rule_id
    from decided
    inner join numbered_reports on decided.report_key = numbered_reports.report_key
    inner join instances on decided.instance_no = instances.instance_no
    -- Other rules are in no group. A condition on them here would compare every pair of rows.
    left join alternatives
        on
            decided.report_key = alternatives.report_key
            and instances.rule_group = alternatives.rule_group
            and instances.scope_code = alternatives.scope_code
),

-- Few results are told; what is joined to all of them costs as much again.
told_results as materialized (
    select * from concluded
    where result in ('fail', 'uncertain')
),

told_reports as (
    select report_key from told_results
    union
    select successions.previous_report_key
    from told_results
    inner join successions on told_results.report_key = successions.report_key
),

told_figures as (
    select
        numbered_reports.report_key,
        operands.operand_no,
        operands.value,
        operands.operand_status
    from operands
    inner join numbered_reports on operands.report_id = numbered_reports.report_id
    semi join told_reports on numbered_reports.report_key = told_reports.report_key
),

told_terms as (
    select
        told_results.report_key,
        told_results.instance_no,
        signed_terms.side_no,
        signed_terms.term_no,
        {{ term_text('signed_terms', 'told_figures') }} as term_text
    from told_results
    inner join signed_terms on told_results.instance_no = signed_terms.instance_no
    left join successions on told_results.report_key = successions.report_key
    -- The key of an operand: a term meets at most one.
    left join told_figures
        on
            signed_terms.operand_no = told_figures.operand_no
            and told_figures.report_key = case
                when signed_terms.year_offset = -1 then successions.previous_report_key
                else told_results.report_key
            end
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
),

described as (
    select
        told_results.*,
        {{ comparison_text('instances', 'told_results', 'told') }} as operands_text
    from told_results
    inner join instances on told_results.instance_no = instances.instance_no
    left join told
        on
            told_results.report_key = told.report_key
            and told_results.instance_no = told.instance_no

    union all

    select
        *,
        '' as operands_text
    from concluded
    where result not in ('fail', 'uncertain')
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
    operands_text as operands
from described
