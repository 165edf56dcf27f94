-- One row per rule result that is no plain pass, and for each rule up to two that stand for all the others:
-- those with the largest and the smallest gap. Both sides are computed once more from the facts as they
-- will be published. Reads marts and the dictionary alone: a fault on the way from cells to facts shows as
-- a difference. Facts meet the terms of the rules once, by number.
with reports as (
    select *, cast(row_number() over (order by report_id) as integer) as report_key
    from marts.dim_report
),

-- Asked for a few columns each time: all of them would be kept aside, which costs more.
results as not materialized (
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

cell_figures as (
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

-- Codes that some fact holds; a rule over another cannot be judged here.
facts as (
    select distinct indicator_code from form.form_line where fact_code is not null
),

instances as (
    select rule_id, scope_code, cast(row_number() over () as integer) as instance_no
    from (select distinct rule_id, scope_code from results)
),

-- One row per term of each rule and member: side 1 and 2 of a sum; of a ratio what is printed, its
-- numerator, its denominator and the one that stands in for it.
terms as (
    select
        instances.instance_no,
        case
            when terms.role in ('left', 'printed') then 1
            when terms.role in ('right', 'numerator') then 2
            when terms.role = 'denominator' then 3
            else 4
        end as side_no,
        cast(terms.coefficient as decimal(9, 0)) as coefficient,
        case
            when terms.operand = 'claim' then 'claim ' || terms.claim_use
            when terms.body = 'children' then 'children'
            else terms.operand
        end as source,
        case
            when terms.indicator_code = '*' then instances.scope_code else terms.indicator_code
        end as indicator_code,
        coalesce(
            case
                when terms.operand = 'claim' then terms.qualifier
                when terms.column_code = '*' then instances.scope_code
                else terms.column_code
            end,
            ''
        ) as part_code,
        cast(terms.is_optional as boolean) as is_optional,
        cast(terms.year_offset as integer) as year_offset,
    from instances
    inner join rules on instances.rule_id = rules.rule_id and rules.rule_kind != 'domain'
    inner join form.form_rule_term as terms
        on
            instances.rule_id = terms.rule_id
            and coalesce(terms.scope_code, '') in ('', instances.scope_code)
),

numbered_terms as (
    select
        terms.*,
        count(*) filter (where not is_optional and source != 'table') over side as needed_count,
        count(*) filter (where is_optional) over side as optional_needed_count,
        cast(
            dense_rank() over (order by terms.source, terms.indicator_code, terms.part_code)
            as integer
        ) as operand_no,
        -- A table that is not there is a count of none, and no missing figure.
        not terms.is_optional and terms.source != 'table' as is_needed,
        terms.source in ('cell', 'children') and facts.indicator_code is null as is_off_facts,
    from terms
    left join facts on terms.indicator_code = facts.indicator_code
    window side as (partition by terms.instance_no, terms.side_no)
),

operands as (
    select distinct operand_no, source, indicator_code, part_code from numbered_terms
),

-- Figures that were read and are kept out of the facts; a rule over them cannot be judged here.
withheld as (
    select report_id, indicator_code, column_code, bool_or(value_status = 'reported') as is_reported
    from marts.fct_values_held_back
    where value_status in ('reported', 'ambiguous', 'unreadable')
    group by report_id, indicator_code, column_code
),

-- One row per aggregate report and the report of a region directly below it.
below as (
    select distinct parents.report_id as parent_report_id, children.report_id
    from reports as parents
    inner join form.region as regions on parents.region_code = regions.parent_region_code
    inner join reports as children
        on
            regions.region_code = children.region_code
            and parents.report_year = children.report_year
    where
        parents.doc_type = 'annual_report'
        and parents.scope = 'region_aggregate'
        and children.is_region_report
),

found as (
    select report_id, 'cell' as source, indicator_code, column_code as part_code, figure, false as is_withheld
    from cell_figures
    union all
    select report_id, 'cell', indicator_code, column_code, null, true
    from withheld where is_reported
    union all
    select report_id, 'claim single', indicator_code, qualifier, single_figure, false
    from claim_figures where single_figure is not null
    union all
    select report_id, 'claim sum', indicator_code, qualifier, summed_figure, false
    from claim_figures where summed_figure is not null
    union all
    select report_id, 'table', unnest(string_split(tables_present, '|')), '', 1, false
    from reports
    union all
    select below.parent_report_id, 'children', indicator_code, column_code, sum(figure), false
    from below
    inner join cell_figures on below.report_id = cell_figures.report_id
    where (indicator_code, column_code) in (
        select (indicator_code, part_code) from operands where source = 'children'
    )
    group by all
    union all
    -- A child in doubt leaves the sum in doubt.
    select distinct below.parent_report_id, 'children', indicator_code, column_code, null, true
    from below
    inner join withheld on below.report_id = withheld.report_id
),

numbered as (
    select reports.report_key, operands.operand_no, found.figure, found.is_withheld
    from found
    inner join operands
        on
            found.indicator_code = operands.indicator_code
            and found.part_code = operands.part_code
            and found.source = operands.source
    inner join reports on found.report_id = reports.report_id
),

successions as (
    select reports.report_key, previous.report_key as previous_report_key
    from reports
    inner join reports as previous on reports.previous_report_id = previous.report_id
),

met as (
    select report_key, operand_no, figure, is_withheld, 0 as year_offset from numbered
    union all
    select successions.report_key, operand_no, figure, is_withheld, -1
    from numbered
    inner join successions on numbered.report_key = successions.previous_report_key
    where operand_no in (select operand_no from numbered_terms where year_offset = -1)
),

-- One row per report and instance: both sums, and how many of their figures were found.
added as (
    select
        met.report_key,
        terms.instance_no,
        -- Nearly all coefficients are 1, and multiplying decimals takes its time.
        sum(case
            when side_no != 1 then null
            when terms.coefficient = 1 then met.figure
            else terms.coefficient * met.figure
        end) as total_1,
        sum(case
            when side_no != 2 then null
            when terms.coefficient = 1 then met.figure
            else terms.coefficient * met.figure
        end) as total_2,
        count(*) filter (where side_no = 1 and is_needed and not is_withheld) as found_count_1,
        count(*) filter (where side_no = 2 and is_needed and not is_withheld) as found_count_2,
        count(*) filter (where side_no <= 2 and is_optional and not is_withheld) as optional_count,
        bool_or(is_withheld) as is_withheld,
    from met
    inner join numbered_terms as terms
        on met.operand_no = terms.operand_no and met.year_offset = terms.year_offset
    group by met.report_key, terms.instance_no
),

-- One row per report and ratio whose denominator is there: the first of the two that is whole.
wholes as (
    select
        report_key,
        instance_no,
        arg_min(total, side_no) as total,
        arg_min(is_omitted, side_no) as is_omitted,
    from (
        select
            met.report_key,
            terms.instance_no,
            terms.side_no,
            sum(terms.coefficient * met.figure) as total,
            count(*) filter (where is_optional and not is_withheld)
            < any_value(terms.optional_needed_count) as is_omitted,
        from met
        inner join numbered_terms as terms
            on met.operand_no = terms.operand_no and met.year_offset = terms.year_offset
        where terms.side_no > 2
        group by met.report_key, terms.instance_no, terms.side_no
        having count(*) filter (where is_needed and not is_withheld) >= any_value(terms.needed_count)
    )
    group by report_key, instance_no
),

-- One row per instance: what it is, and how many figures it needs.
asked as (
    select
        instances.instance_no,
        instances.rule_id,
        instances.scope_code,
        rules.rule_kind,
        rules.rule_group,
        rules.relation,
        cast(rules.tolerance as decimal(12, 6)) as tolerance,
        count(*) filter (where is_needed and side_no = 1) as needed_count_1,
        count(*) filter (where is_needed and side_no = 2) as needed_count_2,
        count(*) filter (where terms.is_optional and side_no <= 2) as optional_needed_count,
        count(terms.instance_no) as term_count,
        -- The domain rule looks at cells, and nothing of it is seen in the facts.
        bool_and(rules.rule_kind != 'domain' and not coalesce(is_off_facts, false)) as is_on_facts,
    from instances
    inner join rules on instances.rule_id = rules.rule_id
    left join numbered_terms as terms on instances.instance_no = terms.instance_no
    group by all
),

computed as (
    select
        results.left_value,
        results.right_value,
        results.residual,
        results.result,
        results.cause,
        results.operands,
        reports.report_key,
        asked.*,
        case
            when coalesce(found_count_1, 0) >= needed_count_1 then coalesce(total_1, 0)
        end as facts_left,
        case
            when coalesce(found_count_2, 0) < needed_count_2 then null
            -- Halves away from zero, in whole numbers.
            when rule_kind = 'ratio'
                then cast(
                    sign(total_2) * sign(wholes.total) * (
                        (
                            200000000 * cast(abs(total_2) * 1000000 as hugeint)
                            + cast(abs(wholes.total) * 1000000 as hugeint)
                        )
                        // nullif(2 * cast(abs(wholes.total) * 1000000 as hugeint), 0)
                    ) as decimal(30, 0)
                ) * cast(0.000001 as decimal(7, 6))
            -- All of the tables that are prescribed.
            when rule_kind = 'presence' then term_count
            else coalesce(total_2, 0)
        end as facts_right,
        coalesce(optional_count, 0) < optional_needed_count or coalesce(wholes.is_omitted, false)
            as is_omitted,
        asked.is_on_facts and not coalesce(added.is_withheld, false) as is_seen,
    from results
    inner join reports on results.report_id = reports.report_id
    inner join asked
        on results.rule_id = asked.rule_id and results.scope_code = asked.scope_code
    left join added
        on reports.report_key = added.report_key and asked.instance_no = added.instance_no
    left join wholes
        on reports.report_key = wholes.report_key and asked.instance_no = wholes.instance_no
),

judged as (
    select
        * exclude (
            needed_count_1, needed_count_2, optional_needed_count, term_count, is_on_facts,
            relation, tolerance
        ),
        case
            when facts_left is null or facts_right is null then 'not_assessable'
            when
                case relation
                    when '<=' then facts_left - facts_right <= tolerance
                    when '>=' then facts_left - facts_right >= -tolerance
                    else abs(facts_left - facts_right) <= tolerance
                end
                then 'pass'
            when is_omitted then 'not_assessable'
            else 'fail'
        end as own_result,
    from computed
),

-- One row per report and group of alternatives.
alternatives as (
    select
        report_key,
        rule_group,
        scope_code,
        case
            when bool_or(own_result = 'pass') then 'pass'
            when bool_and(own_result = 'fail') then 'fail'
            else 'not_assessable'
        end as result,
        bool_and(is_seen) as is_comparable,
    from judged
    where rule_kind = 'any_of'
    group by report_key, rule_group, scope_code
),

concluded as (
    select
        judged.*,
        coalesce(alternatives.result, judged.own_result) as facts_result,
        coalesce(alternatives.is_comparable, judged.is_seen) as is_comparable,
    from judged
    left join alternatives
        on
            judged.report_key = alternatives.report_key
            and judged.rule_group = alternatives.rule_group
            and judged.scope_code = alternatives.scope_code
),

compared as (
    select
        report_key,
        rule_id,
        scope_code,
        cause,
        operands,
        -- The side that counts below: the facts' own where they can tell, the stated one elsewhere.
        case when is_comparable then facts_result else result end as result,
        -- What an expectation looks at: 0 where an alternative holds, NULL where nothing can be said.
        cast(case
            when is_comparable
                then case
                    when facts_result not in ('pass', 'fail') then null
                    when rule_kind = 'any_of' and facts_result = 'pass' then 0
                    else facts_left - facts_right
                end
            when concluded.result not in ('pass', 'fail') then null
            when rule_kind = 'any_of' and concluded.result = 'pass' then 0
            else concluded.residual
        end as double) as residual,
        -- Doubt is told by the cells and not by the facts, so only what was decided is compared.
        not is_comparable
        or (
            case when concluded.result in ('pass', 'fail') then concluded.result else '' end
            = case when facts_result in ('pass', 'fail') then facts_result else '' end
            and (
                concluded.result not in ('pass', 'fail')
                or (left_value is not distinct from facts_left
                    and right_value is not distinct from facts_right)
            )
        ) as agrees,
    from concluded
),

told as (
    select *, 1 as row_count, cast(residual is not null as bigint) as evaluated_count
    from compared
    where result = 'fail' or not agrees
),

-- One row per rule for all its other results, where the gap is largest, and one where it is smallest.
others as (
    select
        rule_id,
        arg_max(
            { 'report_key': report_key, 'scope_code': scope_code, 'result': result },
            coalesce(residual, '-infinity'::double)
        ) as most,
        arg_min(
            { 'report_key': report_key, 'scope_code': scope_code, 'result': result },
            coalesce(residual, 'infinity'::double)
        ) as least,
        max(residual) as most_residual,
        min(residual) as least_residual,
        count(*) as row_count,
        count(residual) as evaluated_count,
    from compared
    where not (result = 'fail' or not agrees)
    group by rule_id
),

listed as (
    select
        report_key, rule_id, scope_code, result, cause, operands, residual, agrees,
        row_count, evaluated_count,
    from told
    union all
    select
        most.report_key, rule_id, most.scope_code, most.result, '', '', most_residual, true,
        row_count, evaluated_count,
    from others
    union all
    select
        least.report_key, rule_id, least.scope_code, least.result, '', '', least_residual, true,
        0, 0,
    from others
    where least is distinct from most
)

select
    reports.report_id, reports.document, rule_id, scope_code, result, cause, operands, residual, agrees,
    -- How many results the row stands for, and how many of them were decided.
    row_count, evaluated_count
from listed
inner join reports on listed.report_key = reports.report_key
order by rule_id, report_id, scope_code
