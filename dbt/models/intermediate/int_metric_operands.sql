{{
    config(
        materialized='incremental',
        meta={'key': 'report_id', 'state': 'body_state', 'in_parts': 'bodies'}
    )
}}

-- One row per canonical annual report, metric and member (a reason, a type of applicant, or '' for
-- the one whole): numerator and denominator. The only place where a metric's definition is applied:
-- `reporting.metrics` and the semantic layer both read it.
with metrics as (
    select
        metric_code,
        metric_kind,
        coalesce(member_kind, '') as member_kind,
        string_split(numerator_series_codes, '|') as numerator_series_codes,
        string_split(numerator_whole_codes, '|') as numerator_whole_codes,
        string_split(denominator_series_codes, '|') as denominator_series_codes
    from {{ ref('metric') }}
),

numbered_reports as (
    select * from {{ ref('int_reports_numbered') }}
),

reports as (
    select
        canonical_reports.*,
        numbered_reports.report_key,
        previous.report_key as previous_report_key
    from {{ ref('int_reports_canonical') }} as canonical_reports
    inner join numbered_reports on canonical_reports.report_id = numbered_reports.report_id
    left join numbered_reports as previous
        on canonical_reports.previous_report_id = previous.report_id
    where
        canonical_reports.is_canonical
        and canonical_reports.doc_type = 'annual_report'
        and {{ at_hand('canonical_reports.report_id') }}
),

years as (
    select * from {{ ref('dim_year') }}
),

summed as (
    select * from {{ ref('int_series_summed') }}
    where {{ at_hand('report_key') }}
),

series_editions as (
    select * from {{ ref('int_series_editions') }}
),

parts as (
    select * from {{ ref('int_series_parts') }}
    where not is_member
),

lines as (
    select * from {{ ref('int_lines_resolved') }}
),

applicants as (
    select * from {{ ref('form_applicant') }}
),

reasons as (
    select * from {{ ref('missing_reason') }}
),

figures as not materialized (
    select
        summed.report_key,
        series_editions.series_code,
        summed.applicant_code,
        applicants.is_total as is_all_applicants,
        series_editions.form_id,
        summed.value,
        summed.missing_reason_code,
        series_editions.is_series_break,
        -- What measures the same has the same definition: that of the newest edition, or its own.
        case when series_editions.is_series_break then series_editions.form_id else 'newest' end
            as definition_code,
        series_editions.caveat_zh,
        series_editions.caveat_en
    from summed
    inner join series_editions on summed.series_key = series_editions.series_key
    inner join applicants on summed.applicant_code = applicants.applicant_code
),

whole_figures as (
    select * from figures
    where is_all_applicants
),

-- Series directly below another one, edition by edition.
series_below as (
    select distinct
        parts.form_id,
        parts.series_code as parent_series_code,
        lines.series_code
    from parts
    inner join lines
        on
            parts.form_id = lines.form_id
            and parts.part_code = lines.parent_code
    where lines.series_code is not null
),

whole_codes as (
    select
        metric_code,
        numerator_whole_codes[1] as needed_code,
        unnest(numerator_whole_codes) as series_code
    from metrics
    where member_kind = ''
),

-- Where an edition tells the numerator in one figure, that is it, with what else the report states.
stated_numerators as (
    select
        whole_figures.report_key,
        whole_codes.metric_code,
        whole_codes.series_code
    from whole_codes
    inner join whole_figures on whole_codes.series_code = whole_figures.series_code
    where
        whole_codes.series_code = whole_codes.needed_code
        or whole_figures.value is not null
),

-- One row per report, metric, member and side of the fraction, and series to be added there.
whole_terms as (
    select
        reports.report_key,
        metrics.metric_code,
        '' as member_code,
        'numerator' as side,
        unnest(metrics.numerator_series_codes) as series_code
    from metrics
    cross join reports
    anti join stated_numerators
        on
            reports.report_key = stated_numerators.report_key
            and metrics.metric_code = stated_numerators.metric_code
    where metrics.member_kind = ''

    union all

    select
        report_key,
        metric_code,
        '' as member_code,
        'numerator' as side,
        series_code
    from stated_numerators

    union all

    select
        reports.report_key,
        metrics.metric_code,
        '' as member_code,
        'denominator' as side,
        unnest(metrics.denominator_series_codes) as series_code
    from metrics
    cross join reports
    where metrics.member_kind = '' and metrics.metric_kind = 'ratio'
),

whole_operands as (
    select
        whole_terms.*,
        whole_figures.value,
        coalesce(
            whole_figures.missing_reason_code,
            case when whole_figures.report_key is null then 'not_in_edition' end
        ) as missing_reason_code,
        whole_figures.is_series_break,
        whole_figures.definition_code,
        whole_figures.caveat_zh,
        whole_figures.caveat_en
    from whole_terms
    left join whole_figures
        on
            whole_terms.report_key = whole_figures.report_key
            and whole_terms.series_code = whole_figures.series_code
),

member_numerators as (
    select
        figures.report_key,
        metrics.metric_code,
        figures.applicant_code as member_code,
        'numerator' as side,
        figures.*
    from metrics
    inner join figures on metrics.numerator_series_codes[1] = figures.series_code
    where metrics.member_kind = 'applicant' and not figures.is_all_applicants

    union all

    select
        whole_figures.report_key,
        metrics.metric_code,
        whole_figures.series_code as member_code,
        'numerator' as side,
        whole_figures.*
    from metrics
    inner join series_below on metrics.numerator_series_codes[1] = series_below.parent_series_code
    inner join whole_figures
        on
            series_below.form_id = whole_figures.form_id
            and series_below.series_code = whole_figures.series_code
    where metrics.member_kind = 'reason'
),

member_operands as (
    select
        report_key,
        metric_code,
        member_code,
        side,
        value,
        missing_reason_code,
        is_series_break,
        definition_code,
        caveat_zh,
        caveat_en
    from member_numerators

    union all

    select
        member_numerators.report_key,
        member_numerators.metric_code,
        member_numerators.member_code,
        'denominator' as side,
        whole_figures.value,
        coalesce(
            whole_figures.missing_reason_code,
            case when whole_figures.report_key is null then 'not_in_edition' end
        ) as missing_reason_code,
        whole_figures.is_series_break,
        whole_figures.definition_code,
        whole_figures.caveat_zh,
        whole_figures.caveat_en
    from member_numerators
    inner join metrics on member_numerators.metric_code = metrics.metric_code
    -- One denominator per report.
    left join whole_figures
        on
            member_numerators.report_key = whole_figures.report_key
            and metrics.denominator_series_codes[1] = whole_figures.series_code
),

operands as (
    select * from whole_operands
    union all by name
    select * from member_operands
),

gathered as (
    select
        operands.report_key,
        operands.metric_code,
        operands.member_code,
        count(*) filter (where operands.side = 'numerator' and operands.value is null) = 0
            as has_numerator,
        count(*) filter (where operands.side = 'denominator' and operands.value is null) = 0
            as has_denominator,
        sum(operands.value) filter (where operands.side = 'numerator') as numerator,
        sum(operands.value) filter (where operands.side = 'denominator') as denominator,
        min_by(operands.missing_reason_code, reasons.priority) as missing_reason_code,
        coalesce(bool_or(operands.is_series_break), false) as is_series_break,
        -- Compared for equality only, and named by a hash: words cost many times as much on so many
        -- small groups. Few operands have a caveat at all.
        bit_xor(
            hash(operands.side, operands.series_code, coalesce(operands.definition_code, ''))
        ) as definitions_hash,
        list(operands.caveat_zh) filter (where operands.caveat_zh is not null) as caveats_zh,
        list(operands.caveat_en) filter (where operands.caveat_en is not null) as caveats_en
    from operands
    left join reasons on operands.missing_reason_code = reasons.reason_code
    group by operands.report_key, operands.metric_code, operands.member_code
),

fractions as (
    select
        * exclude (caveats_zh, caveats_en),
        array_to_string(list_sort(list_distinct(caveats_zh)), ' ') as caveat_zh,
        array_to_string(list_sort(list_distinct(caveats_en)), ' ') as caveat_en
    from gathered
),

ratios as (
    select
        fractions.report_key,
        fractions.metric_code,
        fractions.member_code,
        case when fractions.has_numerator then fractions.numerator end as numerator,
        case when fractions.has_denominator then fractions.denominator end as denominator,
        fractions.missing_reason_code,
        fractions.missing_reason_code is null as is_measured,
        fractions.is_series_break,
        fractions.definitions_hash,
        fractions.caveat_zh,
        fractions.caveat_en
    from fractions
    semi join metrics
        on fractions.metric_code = metrics.metric_code and metrics.metric_kind = 'ratio'
),

-- Years are compared where both measure the same.
compared as (
    select
        fractions.*,
        reports.previous_report_key,
        previous.numerator as previous_numerator,
        previous.missing_reason_code as previous_missing_reason_code,
        previous.caveat_zh as previous_caveat_zh,
        previous.caveat_en as previous_caveat_en,
        coalesce(previous.definitions_hash = fractions.definitions_hash, false) as is_comparable
    from fractions
    inner join reports on fractions.report_key = reports.report_key
    semi join metrics
        on fractions.metric_code = metrics.metric_code and metrics.metric_kind = 'change'
    left join fractions as previous
        on
            reports.previous_report_key = previous.report_key
            and fractions.metric_code = previous.metric_code
            and fractions.member_code = previous.member_code
),

changes as (
    select
        report_key,
        metric_code,
        member_code,
        case when is_comparable then numerator - previous_numerator end as numerator,
        case when is_comparable then previous_numerator end as denominator,
        case
            when compared.missing_reason_code is not null then compared.missing_reason_code
            when previous_report_key is null then 'no_previous_report'
            when previous_missing_reason_code is not null then previous_missing_reason_code
            when not is_comparable then 'series_break'
        end as missing_reason_code,
        compared.missing_reason_code is null as is_measured,
        is_series_break,
        definitions_hash,
        concat_ws(' ', nullif(previous_caveat_zh, caveat_zh), caveat_zh) as caveat_zh,
        concat_ws(' ', nullif(previous_caveat_en, caveat_en), caveat_en) as caveat_en
    from compared
),

measured as (
    select * from ratios
    union all by name
    select * from changes
),

bodies as (
    select
        report_id,
        dense_rank() over (order by coalesce(publisher_id, report_id)) as body_key
    from reports
),

measures as (
    select
        metric_code,
        member_code,
        row_number() over (order by metric_code, member_code) as measure_key
    from (
        select distinct
            metric_code,
            member_code
        from measured
    ) as measured_members
),

placed as (
    select
        measured.*,
        reports.report_id,
        reports.report_year,
        bodies.body_key,
        measures.measure_key
    from measured
    inner join reports on measured.report_key = reports.report_key
    inner join bodies on reports.report_id = bodies.report_id
    inner join measures
        on
            measured.metric_code = measures.metric_code
            and measured.member_code = measures.member_code
),

-- A run of a body's reports ends where a metric's definition changes; a report that does not give
-- the metric changes nothing. Millions of rows are put in order here: numbers, without the words.
stepped as (
    select
        report_key,
        body_key,
        measure_key,
        report_year,
        definitions_hash,
        lag(definitions_hash) over (
            partition by body_key, measure_key
            order by report_year
        ) as last_definitions_hash
    from placed
    where is_measured
),

runs as (
    select
        report_key,
        measure_key,
        max(
            case when definitions_hash is distinct from last_definitions_hash then report_year end
        ) over (
            partition by body_key, measure_key
            order by report_year
        ) as comparable_from_year
    from stepped
)

select
    placed.report_id,
    placed.metric_code,
    placed.member_code,
    years.period_start_date,
    cast(placed.numerator as bigint) as numerator,
    cast(placed.denominator as bigint) as denominator,
    case
        when placed.missing_reason_code is not null then placed.missing_reason_code
        when placed.denominator = 0 then 'denominator_zero'
    end as missing_reason_code,
    placed.is_series_break,
    runs.comparable_from_year,
    nullif(placed.caveat_zh, '') as caveat_zh,
    nullif(placed.caveat_en, '') as caveat_en
from placed
-- One run per report and measure.
left join runs
    on
        placed.report_key = runs.report_key
        and placed.measure_key = runs.measure_key
left join years on placed.report_year = years.report_year
