-- What is compared, by number: temporary tables of the marts as they will be published, of the
-- dictionary and of the cells as read. Texts meet here once; all that follows is arithmetic.
create or replace temp table numbered_reports as
select
    cast(row_number() over () - 1 as integer) as report_key,
    report_id,
    document,
    doc_type,
    scope,
    is_region_report,
    region_code,
    report_year,
    form_id,
    form_expected,
    tables_present,
    previous_report_id,
from marts.dim_report;

create or replace temp table numbered_rules as
select cast(row_number() over (order by rule_id) - 1 as smallint) as rule_no, *
from form.form_rule;

-- Every code that a rule may have a member for; '' is the one whole.
create or replace temp table scopes as
select scope_code, cast(row_number() over (order by scope_code) - 1 as smallint) as scope_no
from (
    select '' as scope_code
    union select applicant_code from form.form_applicant
    union select indicator_code from form.form_line
    union select column_code from form.form_value_column
    union select coalesce(scope_code, '') from form.form_rule_term
);

-- A result of no known rule or member has no numbers, and agrees with nothing.
create or replace temp table numbered_results as
select
    reports.report_key,
    rules.rule_no,
    scopes.scope_no,
    results.left_value,
    results.right_value,
    enum_code(try_cast(
        results.result as enum ('pass', 'fail', 'not_assessable', 'uncertain')
    )) as result_no,
from marts.fct_rule_results as results
inner join numbered_reports as reports on results.report_id = reports.report_id
left join numbered_rules as rules on results.rule_id = rules.rule_id
left join scopes on results.scope_code = scopes.scope_code;

create or replace temp table instances as
select
    cast(row_number() over (order by used.rule_no, used.scope_no) - 1 as smallint) as instance_no,
    used.rule_no,
    used.scope_no,
    rules.rule_id,
    scopes.scope_code,
    rules.rule_kind,
    coalesce(rules.rule_group, '') as rule_group,
    rules.relation,
    cast(rules.tolerance as decimal(12, 6)) as tolerance,
from (
    select distinct rule_no, scope_no from numbered_results
    where rule_no is not null and scope_no is not null
) as used
inner join numbered_rules as rules on used.rule_no = rules.rule_no
inner join scopes on used.scope_no = scopes.scope_no;

-- One row per term of each instance: side 1 and 2 of a sum; of a ratio what is printed, its
-- numerator, its denominator and the one that stands in for it.
create or replace temp table coded_terms as
select
    instances.instance_no,
    case
        when terms.role in ('left', 'printed') then 1
        when terms.role in ('right', 'numerator') then 2
        when terms.role = 'denominator' then 3
        else 4
    end as side_no,
    cast(terms.coefficient as integer) as coefficient,
    case cast(terms.year_offset as integer)
        when 0 then '' when -1 then 'previous ' else terms.year_offset || ' '
    end
    || case
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
    -- A table that is not there is a count of none, and no missing figure.
    not cast(terms.is_optional as boolean) and terms.operand != 'table' as is_needed,
    -- A rule over a code that no fact holds cannot be judged here.
    terms.operand = 'cell' and case
        when terms.indicator_code = '*' then instances.scope_code else terms.indicator_code
    end not in (
        select indicator_code from form.form_line where fact_code is not null
    ) as is_off_facts,
from instances
inner join form.form_rule_term as terms
    on
        instances.rule_id = terms.rule_id
        and coalesce(terms.scope_code, '') in ('', instances.scope_code)
where instances.rule_kind != 'domain';

-- What the facts hold, under the codes of the dictionary.
create or replace temp view arrived as
with request_measures as (
    unpivot (
        select report_id, column_code, new_count, carried_in_count, carried_out_count
        from marts.fct_requests
        where value_source = 'table'
    )
    on new_count, carried_in_count, carried_out_count
    into name measure_code value figure
)

select
    request_measures.report_id,
    lines.indicator_code,
    request_measures.column_code,
    cast(request_measures.figure as decimal(38, 6)) as figure,
from request_measures
left join numbered_reports as reports on request_measures.report_id = reports.report_id
left join form.form_line as lines
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
from marts.fct_capacity where value_source = 'table';

-- Kinds of figures: what cells tell, then what claims do, and which tables are there.
create or replace temp table kinds as
select
    cast(
        row_number() over (order by source != 'cell', source, indicator_code, part_code) - 1
        as integer
    ) as kind_no,
    source,
    indicator_code,
    part_code,
from (
    select source, indicator_code, part_code from coded_terms
    -- What a figure of another year or body is found by.
    union
    select substr(source, 10), indicator_code, part_code
    from coded_terms where source like 'previous %'
    union select 'cell', indicator_code, part_code from coded_terms where source = 'children'
    union select distinct 'cell', indicator_code, column_code from raw.cells
    union select distinct 'cell', indicator_code, column_code from arrived
);

create or replace temp table cell_kinds as
select kind_no, indicator_code, part_code as column_code from kinds where source = 'cell';

create or replace temp table raw_reports as
select reports.document_id, reports.report_no, numbered_reports.report_key
from raw.reports as reports
inner join numbered_reports
    on left(reports.document_id, 16) || '-' || reports.report_no = numbered_reports.report_id;

-- One row per figure of a cell; without a report or a kind where the facts know of none.
create or replace temp table cells_read as
select raw_reports.report_key, cell_kinds.kind_no, cast(cells.value as decimal(38, 6)) as figure
from raw.cells as cells
left join raw_reports
    on cells.document_id = raw_reports.document_id and cells.report_no = raw_reports.report_no
left join cell_kinds
    on
        cells.indicator_code = cell_kinds.indicator_code
        and cells.column_code = cell_kinds.column_code
where cells.value_status = 'reported';

-- Figures that are kept out of the facts: a rule over them cannot be judged here.
create or replace temp table withheld as
select
    reports.report_key,
    cell_kinds.kind_no,
    bool_or(held_back.value_status = 'reported') as is_reported,
from marts.fct_values_held_back as held_back
inner join numbered_reports as reports on held_back.report_id = reports.report_id
inner join cell_kinds
    on
        held_back.indicator_code = cell_kinds.indicator_code
        and held_back.column_code = cell_kinds.column_code
where held_back.value_status in ('reported', 'ambiguous', 'unreadable')
group by reports.report_key, cell_kinds.kind_no;

-- One row per report, kind and figure, NULL where it is withheld; without a report or a kind where a
-- fact is of none that is known.
create or replace temp table figures as
with
-- What the text says: one figure where all exact claims agree, and the sum of the different ones.
claimed_values as (
    select
        report_id,
        indicator_code,
        qualifier,
        value,
        bool_and(precision in ('exact', 'implied') and value is not null) as is_exact,
        bool_or(precision in ('exact', 'implied')) as is_stated,
    from marts.fct_claims
    group by report_id, indicator_code, qualifier, value
),

claims as (
    select
        report_id,
        indicator_code,
        qualifier,
        bool_and(is_exact) as is_exact,
        count(*) filter (where is_stated) as stated_count,
        sum(value) filter (where is_stated) as stated_sum,
    from claimed_values
    group by report_id, indicator_code, qualifier
),

claim_figures as (
    select
        report_id,
        indicator_code,
        qualifier,
        case when stated_count = 1 then stated_sum end as single_figure,
        case when is_exact then stated_sum end as summed_figure,
    from claims
    union all
    select
        report_id,
        indicator_code,
        '*',
        case
            when bool_and(stated_count = 1) filter (where stated_count > 0) then sum(stated_sum)
        end,
        case when bool_and(is_exact) then sum(stated_sum) end,
    from claims
    group by report_id, indicator_code
),

stated as (
    select
        report_id,
        'claim single' as source,
        indicator_code,
        qualifier as part_code,
        single_figure as figure,
    from claim_figures where single_figure is not null
    union all
    select report_id, 'claim sum', indicator_code, qualifier, summed_figure
    from claim_figures where summed_figure is not null
    union all
    select report_id, 'table', unnest(string_split(tables_present, '|')), '', 1
    from numbered_reports
)

select reports.report_key, cell_kinds.kind_no, arrived.figure
from arrived
left join numbered_reports as reports on arrived.report_id = reports.report_id
left join cell_kinds
    on
        arrived.indicator_code = cell_kinds.indicator_code
        and arrived.column_code = cell_kinds.column_code
union all
select report_key, kind_no, null from withheld where is_reported
union all
select reports.report_key, kinds.kind_no, stated.figure
from stated
inner join numbered_reports as reports on stated.report_id = reports.report_id
inner join kinds
    on
        stated.source = kinds.source
        and stated.indicator_code = kinds.indicator_code
        and stated.part_code = kinds.part_code;

-- Figures of the year before, and of all regions directly below.
insert into figures
with elsewhere as (
    select own.kind_no, kinds.kind_no as kind_no_there, 'children' = own.source as is_below
    from kinds as own
    inner join kinds
        on
            (
                own.source = 'previous ' || kinds.source
                or (own.source = 'children' and kinds.source = 'cell')
            )
            and own.indicator_code = kinds.indicator_code
            and own.part_code = kinds.part_code
),

-- One row per aggregate report and the report of a region directly below it.
below as (
    select distinct parents.report_key as parent_report_key, children.report_key
    from numbered_reports as parents
    inner join form.region as regions on parents.region_code = regions.parent_region_code
    inner join numbered_reports as children
        on
            regions.region_code = children.region_code
            and parents.report_year = children.report_year
    where
        parents.doc_type = 'annual_report'
        and parents.scope = 'region_aggregate'
        and children.is_region_report
),

wanted as (
    select figures.report_key, elsewhere.kind_no, elsewhere.is_below, figures.figure
    from figures
    inner join elsewhere on figures.kind_no = elsewhere.kind_no_there
)

select reports.report_key, wanted.kind_no, wanted.figure
from numbered_reports as reports
inner join numbered_reports as previous on reports.previous_report_id = previous.report_id
inner join wanted on previous.report_key = wanted.report_key
where not wanted.is_below
union all
select below.parent_report_key, wanted.kind_no, sum(wanted.figure)
from below
inner join wanted on below.report_key = wanted.report_key
where wanted.is_below and wanted.figure is not null
group by below.parent_report_key, wanted.kind_no
union all
-- A child in doubt leaves the sum in doubt.
select distinct below.parent_report_key, elsewhere.kind_no, cast(null as decimal(38, 6))
from below
inner join withheld on below.report_key = withheld.report_key
inner join elsewhere on withheld.kind_no = elsewhere.kind_no_there and elsewhere.is_below;

create or replace temp table report_editions as
select
    report_key,
    unnest(string_split(concat_ws('|', form_id, form_expected), '|')) as form_id,
from numbered_reports
where doc_type = 'annual_report'
union
select reports.report_key, edition.form_id
from (select distinct report_id from marts.fct_claims) as claims
inner join numbered_reports as reports
    on claims.report_id = reports.report_id and reports.doc_type = 'annual_report'
cross join form.form_edition as edition
where not cast(edition.has_table as boolean);
