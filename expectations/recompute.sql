-- One row per rule result, with both sides computed once more from the facts as they will be published.
-- Reads marts and the dictionary alone: a fault on the way from cells to facts shows as a difference.
with reports as (
    select * from marts.dim_report
),

results as (
    select * from marts.fct_rule_results
),

rules as (
    select * from form.form_rule
),

-- What the facts hold, under the codes of the dictionary.
request_measures as (
    unpivot (
        select report_id, column_code, new_count, carried_in_count, carried_out_count
        from marts.fct_requests
        where value_source = 'table'
    )
    on new_count, carried_in_count, carried_out_count
    into name measure_code value figure
),

figures as (
    select
        request_measures.report_id,
        lines.indicator_code,
        request_measures.column_code,
        cast(request_measures.figure as decimal(38, 6)) as figure,
    from request_measures
    inner join reports on request_measures.report_id = reports.report_id
    inner join form.form_line as lines
        on
            reports.form_id = lines.form_id
            and request_measures.measure_code = lines.measure_code
    union all
    select report_id, outcome_code, column_code, outcome_count
    from marts.fct_outcomes where value_source = 'table'
    union all
    select report_id, indicator_code, column_code, case_count
    from marts.fct_appeals where value_source = 'table'
    union all
    select report_id, indicator_code, column_code, request_count
    from marts.fct_request_channels where value_source = 'table'
    union all
    select report_id, indicator_code, column_code, value
    from marts.fct_proactive_disclosure where value_source = 'table'
    union all
    select report_id, indicator_code, column_code, value
    from marts.fct_capacity where value_source = 'table'
),

-- What the text says: one figure where all exact claims agree, and the sum of the different ones.
claims as (
    select
        report_id,
        indicator_code,
        qualifier,
        bool_and(precision in ('exact', 'implied') and value is not null) as is_exact,
        list(distinct value) filter (where precision in ('exact', 'implied')) as stated,
    from marts.fct_claims
    group by all
),

claim_figures as (
    select
        report_id,
        indicator_code,
        qualifier,
        case when len(stated) = 1 then stated[1] end as single_figure,
        case when is_exact then list_sum(stated) end as summed_figure,
    from claims
    union all
    select
        report_id,
        indicator_code,
        '*',
        case when bool_and(len(stated) = 1) then sum(stated[1]) end,
        case when bool_and(is_exact) then sum(list_sum(stated)) end,
    from claims
    group by report_id, indicator_code
),

-- Figures that were read and are kept out of the facts; a rule over them cannot be judged here.
withheld as (
    select distinct report_id, indicator_code, column_code
    from marts.fct_values_held_back
    where value_status = 'reported'
),

terms as (
    select
        results.report_id,
        results.rule_id,
        results.scope_code,
        terms.role,
        cast(terms.coefficient as decimal(9, 0)) as coefficient,
        terms.operand,
        case
            when terms.indicator_code = '*' then results.scope_code else terms.indicator_code
        end as indicator_code,
        coalesce(
            case when terms.column_code = '*' then results.scope_code else terms.column_code end, ''
        ) as column_code,
        coalesce(terms.qualifier, '') as qualifier,
        terms.claim_use,
        cast(terms.is_optional as boolean) as is_optional,
        terms.body,
        reports.region_code,
        reports.report_year,
        reports.scope,
        case
            when cast(terms.year_offset as integer) = -1 then reports.previous_report_id
            else results.report_id
        end as operand_report_id,
    from results
    inner join rules on results.rule_id = rules.rule_id and rules.rule_kind != 'domain'
    inner join form.form_rule_term as terms
        on
            results.rule_id = terms.rule_id
            and coalesce(terms.scope_code, '') in ('', results.scope_code)
    inner join reports on results.report_id = reports.report_id
),

below as (
    select distinct
        regions.parent_region_code as region_code,
        children.report_year,
        children.report_id,
    from reports as children
    inner join form.region as regions on children.region_code = regions.region_code
    where children.is_region_report
),

child_figures as (
    select
        below.region_code,
        below.report_year,
        figures.indicator_code,
        figures.column_code,
        sum(figures.figure) as figure,
    from below
    inner join figures on below.report_id = figures.report_id
    group by all
),

operands as (
    select
        terms.*,
        case
            when terms.operand = 'table'
                then cast(list_contains(
                    string_split(coalesce(reports.tables_present, ''), '|'), terms.indicator_code
                ) as integer)
            when terms.operand = 'claim'
                then case
                    when terms.claim_use = 'sum' then claim_figures.summed_figure
                    else claim_figures.single_figure
                end
            when terms.body = 'children' then child_figures.figure
            else figures.figure
        end as figure,
        -- Claims and the presence of tables are published with every report; a cell may be withheld.
        terms.operand != 'cell' or (withheld.report_id is null and facts.indicator_code is not null)
            as is_on_facts,
    from terms
    left join reports on terms.operand_report_id = reports.report_id
    left join figures
        on
            terms.operand = 'cell'
            and terms.body = 'self'
            and terms.operand_report_id = figures.report_id
            and terms.indicator_code = figures.indicator_code
            and terms.column_code = figures.column_code
    left join claim_figures
        on
            terms.operand = 'claim'
            and terms.operand_report_id = claim_figures.report_id
            and terms.indicator_code = claim_figures.indicator_code
            and terms.qualifier = claim_figures.qualifier
    left join child_figures
        on
            terms.body = 'children'
            and terms.scope = 'region_aggregate'
            and terms.region_code = child_figures.region_code
            and terms.report_year = child_figures.report_year
            and terms.indicator_code = child_figures.indicator_code
            and terms.column_code = child_figures.column_code
    left join withheld
        on
            terms.operand_report_id = withheld.report_id
            and terms.indicator_code = withheld.indicator_code
            and terms.column_code = withheld.column_code
    left join (
        select distinct indicator_code from form.form_line where fact_code is not null
    ) as facts on terms.indicator_code = facts.indicator_code
),

sides as (
    select
        report_id,
        rule_id,
        scope_code,
        role,
        count(*) filter (where figure is null and not is_optional) as missing_count,
        count(*) filter (where figure is null and is_optional) as omitted_count,
        count(*) as term_count,
        coalesce(sum(coefficient * figure), 0) as total,
        bool_and(is_on_facts) as is_on_facts,
    from operands
    group by all
),

instances as (
    select
        report_id,
        rule_id,
        scope_code,
        any_value(sides) filter (where role in ('left', 'printed')) as left_side,
        any_value(sides) filter (where role in ('right', 'numerator')) as right_side,
        any_value(sides) filter (where role = 'denominator') as denominator,
        any_value(sides) filter (where role = 'denominator_else') as denominator_else,
    from sides
    group by all
),

chosen as (
    select
        *,
        case
            when denominator.missing_count > 0 and denominator_else is not null
                then denominator_else
            else denominator
        end as whole,
    from instances
),

computed as (
    select
        chosen.report_id,
        chosen.rule_id,
        chosen.scope_code,
        rules.rule_kind,
        rules.rule_group,
        rules.relation,
        cast(rules.tolerance as decimal(12, 6)) as tolerance,
        coalesce(left_side.total, 0) as left_value,
        case
            when rules.rule_kind = 'ratio'
                then cast(round(
                    100 * cast(right_side.total as double) / nullif(cast(whole.total as double), 0), 6
                ) as decimal(38, 6))
            -- All of the tables that are prescribed.
            when rules.rule_kind = 'presence' then left_side.term_count
            else coalesce(right_side.total, 0)
        end as right_value,
        coalesce(left_side.missing_count, 0) + coalesce(right_side.missing_count, 0)
        + coalesce(whole.missing_count, 0) as missing_count,
        coalesce(left_side.omitted_count, 0) + coalesce(right_side.omitted_count, 0)
        + coalesce(whole.omitted_count, 0) as omitted_count,
        coalesce(left_side.is_on_facts, true) and coalesce(right_side.is_on_facts, true)
        and coalesce(denominator.is_on_facts, true) and coalesce(denominator_else.is_on_facts, true)
            as is_on_facts,
    from chosen
    inner join rules on chosen.rule_id = rules.rule_id
),

judged as (
    select
        *,
        case
            when missing_count > 0 or right_value is null then 'not_assessable'
            when
                case relation
                    when '<=' then left_value - right_value <= tolerance
                    when '>=' then left_value - right_value >= -tolerance
                    else abs(left_value - right_value) <= tolerance
                end
                then 'pass'
            when omitted_count > 0 then 'not_assessable'
            else 'fail'
        end as own_result,
    from computed
),

concluded as (
    select
        *,
        case
            when rule_kind != 'any_of' then own_result
            when bool_or(own_result = 'pass') over alternatives then 'pass'
            when bool_and(own_result = 'fail') over alternatives then 'fail'
            else 'not_assessable'
        end as result,
        case when rule_kind = 'any_of' then bool_and(is_on_facts) over alternatives else is_on_facts end
            as is_comparable,
    from judged
    window alternatives as (partition by report_id, rule_group, scope_code, rule_kind = 'any_of')
)

select
    results.report_id,
    reports.document,
    reports.publisher_name,
    reports.report_year,
    results.rule_id,
    results.scope_code,
    results.result as stated_result,
    results.cause,
    results.severity,
    results.operands,
    results.left_value as stated_left,
    results.right_value as stated_right,
    concluded.left_value as facts_left,
    concluded.right_value as facts_right,
    concluded.result as facts_result,
    coalesce(concluded.is_comparable, false) as is_comparable,
    -- The side that counts below: the facts' own where they can tell, the stated one elsewhere.
    case
        when coalesce(concluded.is_comparable, false) then concluded.result else results.result
    end as result,
    -- What an expectation looks at: 0 where an alternative holds, NULL where nothing can be said.
    cast(case
        when coalesce(concluded.is_comparable, false)
            then case
                when concluded.result not in ('pass', 'fail') then null
                when concluded.rule_kind = 'any_of' and concluded.result = 'pass' then 0
                else concluded.left_value - concluded.right_value
            end
        when results.result not in ('pass', 'fail') then null
        when rules.rule_kind = 'any_of' and results.result = 'pass' then 0
        else results.residual
    end as double) as residual,
    -- Doubt is told by the cells and not by the facts, so only what was decided is compared.
    not coalesce(concluded.is_comparable, false)
    or (
        case when results.result in ('pass', 'fail') then results.result else '' end
        = case when concluded.result in ('pass', 'fail') then concluded.result else '' end
        and (
            results.result not in ('pass', 'fail')
            or (
                results.left_value is not distinct from concluded.left_value
                and results.right_value is not distinct from concluded.right_value
            )
        )
    ) as agrees,
from results
inner join rules on results.rule_id = rules.rule_id
inner join reports on results.report_id = reports.report_id
left join concluded
    on
        results.report_id = concluded.report_id
        and results.rule_id = concluded.rule_id
        and results.scope_code = concluded.scope_code
order by results.rule_id, results.report_id, results.scope_code
