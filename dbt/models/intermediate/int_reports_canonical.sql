{{ config(materialized='table') }}

-- One row per report: of which report it is a copy, which version of it, and which version counts.
-- A family holds one report per scope. Readings whose figures agree wherever both have them are
-- one version (mirrors, and copies that lost a table); readings that differ are versions. The last
-- version counts: one marked as corrected, then the latest stated date, then the fullest reading,
-- then the smallest id. Where neither mark nor dates decide, version_order says so.
with recursive reports as (
    select * from {{ ref('int_reports_grouped') }}
),

compared as (
    select * from {{ ref('int_reports_compared') }}
),

locations as (
    select * from {{ ref('stg_annual_report__document_locations') }}
),

marks as (
    select * from {{ ref('revision_mark') }}
),

readings as (
    select * from reports
    where report_id = reading_id
),

-- Pairs in both directions.
relations as (
    select
        fuller_report_id as reading_id,
        other_report_id as other_reading_id,
        common_count,
        telling_count,
        differing_count
    from compared

    union all

    select
        other_report_id as reading_id,
        fuller_report_id as other_reading_id,
        common_count,
        telling_count,
        differing_count
    from compared
),

-- A reading that does not tell its scope has that of the reading which it agrees with, in half of
-- what both tell at least. It may be the report of the body alone beside that of the whole region.
kindred_scopes as (
    select
        readings.report_id,
        others.scope
    from readings
    inner join relations on readings.report_id = relations.reading_id
    inner join readings as others on relations.other_reading_id = others.report_id
    where
        readings.scope = 'unknown'
        and others.scope != 'unknown'
        and relations.differing_count * 2 <= relations.telling_count
    qualify row_number() over (
        partition by readings.report_id
        order by
            relations.telling_count - relations.differing_count desc,
            others.scope,
            others.report_id
    ) = 1
),

-- One row per reading; work_id is the report that it is a copy or version of.
scoped as (
    select
        readings.report_id as reading_id,
        readings.family_rank,
        coalesce(kindred_scopes.scope, readings.scope) as work_scope,
        readings.family_id || ' ' || coalesce(kindred_scopes.scope, readings.scope) as work_id
    from readings
    left join kindred_scopes on readings.report_id = kindred_scopes.report_id
),

conflicts as (
    select
        reading_id,
        list(other_reading_id) as conflicting_ids
    from relations
    where differing_count > 0
    group by reading_id
),

ordered as (
    select
        scoped.*,
        coalesce(conflicts.conflicting_ids, []) as conflicting_ids,  -- none differs
        row_number() over (partition by scoped.work_id order by scoped.family_rank) as work_rank
    from scoped
    left join conflicts on scoped.reading_id = conflicts.reading_id
),

-- From the fullest reading down: each joins the first version it does not contradict, or is one.
walked as (
    select
        work_id,
        work_rank,
        reading_id,
        reading_id as version_id,
        [reading_id] as version_ids
    from ordered
    where work_rank = 1

    union all

    select
        work_id,
        work_rank,
        reading_id,
        coalesce(
            list_filter(
                version_ids, lambda version: not list_contains(conflicting_ids, version)
            )[1],
            reading_id
        ) as version_id,
        case
            when list_has_all(conflicting_ids, version_ids)
                then list_append(version_ids, reading_id)
            else version_ids
        end as version_ids
    from (
        select
            ordered.*,
            walked.version_ids
        from walked
        inner join ordered
            on
                walked.work_id = ordered.work_id
                and walked.work_rank + 1 = ordered.work_rank
    ) as next_readings
),

published as (
    select
        document_id,
        min(published_date) as published_date
    from locations
    group by document_id
),

marked as (
    select distinct reports.report_id
    from reports
    inner join marks on contains(reports.title, marks.phrase)
),

-- A mirror may have been posted long after its original: a version is as old as its oldest copy.
versions as (
    select
        walked.work_id,
        walked.version_id,
        min(reports.family_rank) as family_rank,
        min(published.published_date) as published_date,
        bool_or(marked.report_id is not null) as is_marked
    from reports
    inner join walked on reports.reading_id = walked.reading_id
    left join published on reports.document_id = published.document_id
    left join marked on reports.report_id = marked.report_id
    group by walked.work_id, walked.version_id
),

numbered as (
    select
        *,
        row_number() over work as revision_no,
        count(*) over (partition by work_id) as version_count,
        lag(version_id) over work as earlier_version_id,
        last_value(version_id) over (
            work rows between unbounded preceding and unbounded following
        ) as last_version_id,
        case
            when lag(version_id) over work is null then 'only'
            when is_marked != lag(is_marked) over work then 'marked'
            when published_date != lag(published_date) over work then 'dated'
            else 'undecided'
        end as later_by
    from versions
    window work as (
        partition by work_id
        order by is_marked, published_date nulls first, family_rank desc
    )
),

-- The order of all versions is known as well as that of the least known neighbours.
sequenced as (
    select
        *,
        case
            when bool_or(later_by = 'undecided') over (partition by work_id) then 'undecided'
            when bool_or(later_by = 'dated') over (partition by work_id) then 'dated'
            when bool_or(later_by = 'marked') over (partition by work_id) then 'marked'
            else 'only'
        end as version_order
    from numbered
),

placed as (
    select
        reports.*,
        scoped.work_scope,
        sequenced.version_id as version_report_id,
        sequenced.last_version_id as canonical_report_id,
        sequenced.revision_no,
        sequenced.earlier_version_id as earlier_version_report_id,
        sequenced.version_order,
        case
            when reports.report_id != sequenced.version_id then 'mirror'
            when sequenced.version_count = 1 then 'original'
            when sequenced.version_id = sequenced.last_version_id then 'revision'
            else 'superseded'
        end as copy_kind,
        -- A mirror is compared with its version, a version with the one that counts, and the one
        -- that counts with the version before. An original has nothing to be compared with.
        case
            when reports.report_id != sequenced.version_id then sequenced.version_id
            when sequenced.version_id != sequenced.last_version_id then sequenced.last_version_id
            else sequenced.earlier_version_id
        end as compared_report_id
    from reports
    inner join scoped on reports.reading_id = scoped.reading_id
    inner join walked on reports.reading_id = walked.reading_id
    inner join sequenced on walked.version_id = sequenced.version_id
),

canonical as (
    select * from placed
    where is_dated and report_id = canonical_report_id
),

-- The report that speaks for a region in a year; a government and its office may both aggregate.
region_reports as (
    select report_id from canonical
    where work_scope = 'region_aggregate' and region_code != ''
    qualify row_number() over (
        partition by region_code, report_year
        order by cell_figure_count desc, claim_figure_count desc, report_id
    ) = 1
),

-- One row per report with one of the year before: of the same body, and not of another scope.
previous_reports as (
    select
        placed.report_id,
        canonical.report_id as previous_report_id
    from placed
    inner join canonical
        on
            placed.publisher_id = canonical.publisher_id
            and placed.report_year - 1 = canonical.report_year
            and (
                placed.work_scope = canonical.work_scope
                or 'unknown' in (placed.work_scope, canonical.work_scope)
            )
    where placed.is_dated
    qualify row_number() over (
        partition by placed.report_id
        order by
            placed.work_scope != canonical.work_scope,
            canonical.cell_figure_count desc,
            canonical.claim_figure_count desc,
            canonical.report_id
    ) = 1
)

select
    placed.report_id,
    placed.publisher_id,
    placed.doc_type,
    placed.region_code,
    placed.report_year,
    placed.scope,
    placed.canonical_report_id,
    placed.report_id = placed.canonical_report_id as is_canonical,
    placed.copy_kind,
    cast(placed.revision_no as integer) as revision_no,
    placed.version_report_id,
    placed.earlier_version_report_id,
    placed.version_order,
    case
        when placed.compared_report_id is null then null
        when relations.reading_id is null
            then 'every figure as in ' || placed.compared_report_id
        when relations.differing_count > 0
            then
                relations.differing_count || ' of ' || relations.common_count
                || ' common figures differ from ' || placed.compared_report_id
        else
            relations.common_count || ' common figures, none differs from '
            || placed.compared_report_id
    end
    || case when placed.is_found_by_figures then '; found by its figures alone' else '' end
        as copy_evidence,
    region_reports.report_id is not null as is_region_report,
    previous_reports.previous_report_id
from placed
-- One row per pair of readings and direction.
left join relations
    on
        placed.reading_id = relations.reading_id
        and placed.compared_report_id = relations.other_reading_id
left join region_reports on placed.report_id = region_reports.report_id
left join previous_reports on placed.report_id = previous_reports.report_id
