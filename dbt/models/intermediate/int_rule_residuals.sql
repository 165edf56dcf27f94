{{ config(materialized='table') }}

-- One row per annual report, rule that covers it, and member of the rule's scope: does it hold, and
-- if not, does the source say so or the reading? All kinds of rules go through the table of terms.
-- Figures meet terms once, by number, and are added up as they meet. Reports and rules go by
-- number: fct_rule_results says their names, int_results_told what was compared where a rule fails.
with coverage as (
    select * from {{ ref('int_rule_coverage') }}
),

rules as (
    select
        * exclude (tolerance),
        cast(tolerance as decimal(12, 6)) as tolerance
    from {{ ref('form_rule') }}
),

rule_members as (
    select * from {{ ref('int_rule_members') }}
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

cells as not materialized (
    select * from {{ ref('int_cells_conformed') }}
    where occurrence_no = 1
),

kinds as (
    select * from {{ ref('int_cell_kinds') }}
),

numbered_reports as (
    select * from {{ ref('int_reports_numbered') }}
),

-- One row per report and the report whose figures count as last year's there.
successions as (
    select
        numbered_reports.report_key,
        previous.report_key as previous_report_key
    from reports
    inner join numbered_reports on reports.report_id = numbered_reports.report_id
    inner join numbered_reports as previous on reports.previous_report_id = previous.report_id
),

signed_terms as (
    select
        rule_terms.*,
        -- A table without cells is a count of none; any other absent figure is missed.
        not rule_terms.is_optional and rule_terms.operand != 'table' as is_needed,
        rules.rule_kind
    from rule_terms
    inner join rules on rule_terms.rule_id = rules.rule_id
),

-- One row per rule and member of its scope: how many figures its sides need.
needs as (
    select
        instance_no,
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

members as (
    select distinct
        instance_no,
        rule_id,
        scope_code
    from rule_members
),

instances as (
    select
        members.instance_no,
        members.rule_id,
        rules.rule_kind,
        rules.relation,
        rules.tolerance,
        rules.table_code,
        needs.needed_count_1,
        needs.needed_count_2,
        needs.needed_count_3,
        needs.needed_count_4,
        needs.optional_count,
        needs.optional_count_3,
        needs.optional_count_4,
        needs.has_side_4,
        needs.term_count,
        -- Alternatives to each other have one number.
        case
            when rules.rule_kind = 'any_of'
                then dense_rank() over (order by rules.rule_group, members.scope_code)
        end as choice_no
    from members
    inner join rules on members.rule_id = rules.rule_id
    -- A rule on all cells of a table has no terms.
    left join needs on members.instance_no = needs.instance_no
),

-- One row per report and figure that its rules may look at: its own, and those of the year before.
met as not materialized (
    select
        *,
        0 as year_offset
    from operands

    union all

    select
        operands.* replace (successions.report_key as report_key),
        -1 as year_offset
    from operands
    inner join successions on operands.report_key = successions.previous_report_key
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
        coverage.report_key,
        coverage.instance_no,
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
        false as is_else
    from coverage
    inner join instances on coverage.instance_no = instances.instance_no
    left join linear_sums as sums
        on
            coverage.report_key = sums.report_key
            and coverage.instance_no = sums.instance_no
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
        coverage.report_key,
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
    from coverage
    inner join instances on coverage.instance_no = instances.instance_no
    left join ratios
        on
            coverage.report_key = ratios.report_key
            and coverage.instance_no = ratios.instance_no
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
        is_else
    from ratio_values
),

-- One row per kind of cell and rule on all cells of its table.
judged_kinds as (
    select
        kinds.kind_key,
        instances.instance_no
    from kinds
    inner join instances on kinds.table_code = instances.table_code
    where instances.rule_kind = 'domain'
),

judged_cells as (
    select
        judged_kinds.instance_no,
        cells.*
    from cells
    inner join judged_kinds on cells.kind_key = judged_kinds.kind_key
),

-- One row per report and table: how many of its figures are no counts.
table_domains as (
    select
        report_key,
        instance_no,
        count(*) filter (
            where value_status in ('reported', 'ambiguous', 'unreadable')
        ) as figure_count,
        count(*) filter (where value_status in ('ambiguous', 'unreadable')) as doubtful_count,
        count(*) filter (where is_no_count) as offending_count,
        bool_or(has_table_error) as has_table_error,
        string_agg(solved_by, '|') filter (where is_no_count and method = 'solved') as solved_by
    from judged_cells
    group by report_key, instance_no
),

domain_instances as (
    select
        coverage.report_key,
        coverage.instance_no,
        cast(table_domains.offending_count as decimal(38, 6)) as left_value,
        cast(
            case when table_domains.offending_count is not null then 0 end as decimal(38, 6)
        ) as right_value,
        coalesce(table_domains.figure_count, 0) = 0 as is_absent,
        -- A figure that is certainly no count settles it, whatever else is in doubt.
        coalesce(table_domains.offending_count = 0 and table_domains.doubtful_count > 0, false)
            as is_doubtful,
        false as is_omitted,
        not coalesce(table_domains.has_table_error, false)  -- a table without cells has none
        and not list_contains(
            string_split(coalesce(table_domains.solved_by, ''), '|'), instances.rule_id
        ) as is_source,
        false as is_else
    from coverage
    inner join instances on coverage.instance_no = instances.instance_no
    left join table_domains
        on
            coverage.report_key = table_domains.report_key
            and coverage.instance_no = table_domains.instance_no
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

-- One row per report and choice between alternatives.
alternatives as (
    select
        decided.report_key,
        instances.choice_no,
        min_by(decided.instance_no, instances.rule_id) filter (where decided.own_result = 'pass')
            as matched_instance_no,
        case
            when bool_or(decided.own_result = 'pass') then 'pass'
            when bool_or(decided.own_result = 'uncertain') then 'uncertain'
            when bool_and(decided.own_result = 'fail') then 'fail'
            else 'not_assessable'
        end as result
    from decided
    inner join instances on decided.instance_no = instances.instance_no
    where instances.choice_no is not null
    group by decided.report_key, instances.choice_no
)

select
    decided.report_key,
    decided.instance_no,
    cast(decided.left_value as decimal(38, 6)) as left_value,
    cast(decided.right_value as decimal(38, 6)) as right_value,
    -- One of four words, written as a number.
    cast(
        coalesce(alternatives.result, decided.own_result) as enum(
            'pass', 'fail', 'uncertain', 'not_assessable'
        )
    ) as result,
    decided.is_source,
    decided.is_else,
    alternatives.matched_instance_no
from decided
inner join instances on decided.instance_no = instances.instance_no
-- Other rules are in no choice. A condition on them here would compare every pair of rows.
left join alternatives
    on
        decided.report_key = alternatives.report_key
        and instances.choice_no = alternatives.choice_no
