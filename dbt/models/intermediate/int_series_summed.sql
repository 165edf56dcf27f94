{{
    config(
        materialized='incremental',
        meta={'key': 'report_key', 'state': 'related_state', 'in_parts': 'reports'}
    )
}}

-- One row per canonical annual report, series and type of applicant: what the report's edition adds
-- up for the series. For all applicants together there is a row for every series of the edition,
-- with the reason where it has no value; for one type of applicant only where some figure is there.
-- Reports, series and lines go by number; `series` says their names.
with canonical_reports as (
    select * from {{ ref('int_reports_canonical') }}
    where is_canonical and doc_type = 'annual_report' and {{ at_hand('report_id') }}
),

numbered_reports as (
    select * from {{ ref('int_reports_numbered') }}
),

cells as (
    select * from {{ ref('int_cells_judged') }}
    where fact_code in ('requests', 'outcomes', 'appeals') and {{ at_hand('report_key') }}
),

claims as (
    select * from {{ ref('int_claims_settled') }}
    where fact_code in ('requests', 'outcomes', 'appeals') and {{ at_hand('report_id') }}
),

figures as not materialized (
    select * from {{ ref('int_figures_chosen') }}
    where
        fact_code in ('requests', 'outcomes', 'appeals')
        and qualifier = ''
        and {{ at_hand('report_key') }}
),

lines as (
    select * from {{ ref('int_lines_resolved') }}
),

editions as (
    select * from {{ ref('form_edition') }}
),

applicants as (
    select * from {{ ref('form_applicant') }}
),

series_editions as (
    select * from {{ ref('int_series_editions') }}
),

parts as (
    select
        parts.form_id,
        series_editions.series_key,
        series_editions.part_count,
        parts.part_code,
        parts.is_member,
        lines.line_key
    from {{ ref('int_series_parts') }} as parts
    inner join series_editions
        on
            parts.form_id = series_editions.form_id
            and parts.series_code = series_editions.series_code
    inner join lines
        on
            parts.form_id = lines.form_id
            and parts.line_code = lines.indicator_code
),

reports as (
    select
        numbered_reports.report_key,
        numbered_reports.form_id
    from canonical_reports
    inner join numbered_reports on canonical_reports.report_id = numbered_reports.report_id
),

reasons as (
    select * from {{ ref('missing_reason') }}
),

tabled as (
    select distinct
        report_key,
        fact_code
    from cells
),

claimed as (
    select distinct
        numbered_reports.report_key,
        claims.fact_code
    from claims
    inner join numbered_reports on claims.report_id = numbered_reports.report_id
),

facts as (
    select distinct fact_code from series_editions
),

-- One row per report and fact: the edition in whose terms its figures are. Prose speaks only where
-- there is no cell; where there is neither, the edition tells what is missing.
report_facts as (
    select
        reports.report_key,
        facts.fact_code,
        case
            when tabled.report_key is null and claimed.report_key is not null then prose.form_id
            else reports.form_id
        end as form_id,
        case
            when tabled.report_key is not null then 'table'
            when claimed.report_key is not null then 'claim'
        end as value_source
    from reports
    cross join facts
    left join tabled
        on reports.report_key = tabled.report_key and facts.fact_code = tabled.fact_code
    left join claimed
        on reports.report_key = claimed.report_key and facts.fact_code = claimed.fact_code
    -- One edition has no table.
    left join editions as prose on not prose.has_table
),

-- Most series are one row of the form: there the figure is the sum, and nothing need be gathered.
single_parts as (
    select
        series_key,
        any_value(line_key) as line_key
    from parts
    where part_count = 1
    group by series_key
    having count(*) = 1
),

compound_parts as (
    select parts.*
    from parts
    anti join single_parts on parts.series_key = single_parts.series_key
),

-- One row per figure of a report that counts. int_figures_chosen takes a claim only where the
-- report has no cell for the fact, so its figures are in the terms of report_facts already.
counted_figures as not materialized (
    select figures.*
    from figures
    inner join reports on figures.report_key = reports.report_key
),

single_sums as (
    select
        counted_figures.report_key,
        single_parts.series_key,
        counted_figures.applicant_code,
        counted_figures.value_source,
        counted_figures.value,
        1 as part_count,
        '' as reason_code
    from counted_figures
    inner join single_parts on counted_figures.line_key = single_parts.line_key
),

part_figures as (
    select
        counted_figures.report_key,
        counted_figures.value_source,
        compound_parts.series_key,
        counted_figures.applicant_code,
        compound_parts.part_code,
        max(counted_figures.value) filter (where not compound_parts.is_member) as printed_value,
        sum(counted_figures.value) filter (where compound_parts.is_member) as member_value,
        count(*) filter (where compound_parts.is_member) as member_count
    from counted_figures
    -- A figure gives one part of each series that it is in.
    inner join compound_parts on counted_figures.line_key = compound_parts.line_key
    group by all
),

wanted_members as (
    select
        series_key,
        part_code,
        count(*) as member_count
    from parts
    where is_member
    group by series_key, part_code
),

-- What a part is: the figure printed, else all the rows of its group; nothing where they differ.
valued_parts as (
    select
        part_figures.*,
        coalesce(
            part_figures.member_count = wanted_members.member_count
            and part_figures.printed_value != part_figures.member_value,
            false
        ) as is_contradicted,
        case
            when part_figures.printed_value is not null then part_figures.printed_value
            when part_figures.member_count = wanted_members.member_count
                then part_figures.member_value
        end as value
    from part_figures
    left join wanted_members
        on
            part_figures.series_key = wanted_members.series_key
            and part_figures.part_code = wanted_members.part_code
),

compound_sums as (
    select
        report_key,
        series_key,
        applicant_code,
        value_source,
        sum(value) as value,
        count(value) as part_count,
        bool_or(is_contradicted) as is_contradicted
    from valued_parts
    group by report_key, series_key, applicant_code, value_source
),

judged_sums as (
    select
        compound_sums.report_key,
        compound_sums.series_key,
        compound_sums.applicant_code,
        compound_sums.value_source,
        compound_sums.value,
        compound_sums.part_count,
        case
            when compound_sums.is_contradicted then 'contradicted'
            when compound_sums.part_count = series_editions.part_count then ''
            when compound_sums.part_count > 0 then 'partial'
            else 'absent'
        end as reason_code
    from compound_sums
    inner join series_editions on compound_sums.series_key = series_editions.series_key
),

all_applicants as (
    select applicant_code from applicants
    where is_total
),

expected as (
    select
        report_facts.report_key,
        report_facts.value_source,
        series_editions.series_key,
        all_applicants.applicant_code
    from report_facts
    inner join series_editions
        on
            report_facts.form_id = series_editions.form_id
            and report_facts.fact_code = series_editions.fact_code
    cross join all_applicants
),

whole_sums as (
    select
        single_sums.report_key,
        single_sums.series_key
    from single_sums
    semi join all_applicants on single_sums.applicant_code = all_applicants.applicant_code

    union all

    select
        judged_sums.report_key,
        judged_sums.series_key
    from judged_sums
    semi join all_applicants on judged_sums.applicant_code = all_applicants.applicant_code
),

-- What lacks a part, or all of them.
incomplete as (
    select * from judged_sums
    where reason_code in ('partial', 'absent')

    union all by name

    select
        expected.*,
        0 as part_count,  -- no part found is none
        'absent' as reason_code
    from expected
    anti join whole_sums
        on
            expected.report_key = whole_sums.report_key
            and expected.series_key = whole_sums.series_key
),

held_back as (
    select
        report_key,
        applicant_code,
        line_key,
        held_back_reason as reason_code
    from cells
    where held_back_reason != ''

    union all

    select
        numbered_reports.report_key,
        all_applicants.applicant_code,
        claims.line_key,
        claims.single_status as reason_code
    from claims
    inner join numbered_reports on claims.report_id = numbered_reports.report_id
    cross join all_applicants
    where claims.qualifier = '' and claims.single_status != 'reported'
),

-- Why a part is missing: the gravest of the reasons for which its figures were held back.
withheld as (
    select
        incomplete.report_key,
        incomplete.series_key,
        incomplete.applicant_code,
        min_by(reasons.reason_code, reasons.priority) as reason_code
    from incomplete
    inner join parts on incomplete.series_key = parts.series_key
    inner join held_back
        on
            incomplete.report_key = held_back.report_key
            and incomplete.applicant_code = held_back.applicant_code
            and parts.line_key = held_back.line_key
    inner join reasons on held_back.reason_code = reasons.reason_code
    group by incomplete.report_key, incomplete.series_key, incomplete.applicant_code
),

explained as (
    select
        incomplete.* exclude (reason_code),
        coalesce(withheld.reason_code, incomplete.reason_code) as reason_code
    from incomplete
    left join withheld
        on
            incomplete.report_key = withheld.report_key
            and incomplete.series_key = withheld.series_key
            and incomplete.applicant_code = withheld.applicant_code
),

gathered as (
    select * from single_sums
    union all by name
    select * from judged_sums
    where reason_code not in ('partial', 'absent')
    union all by name
    select * from explained
)

select
    report_key,
    series_key,
    applicant_code,
    -- One of two words, written as a number.
    cast(value_source as enum('table', 'claim')) as value_source,
    case when reason_code = '' then {{ whole_number('value') }} end as value,
    cast(part_count as integer) as part_count,
    nullif(reason_code, '') as missing_reason_code
from gathered
