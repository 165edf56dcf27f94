{{ config(materialized='table') }}

-- One row per report, with its family: the reports that one body may have issued for one year. A
-- copy whose publisher could not be read joins the family that has a table of the same figures, if
-- the table says enough: two bodies do not share it by chance. It gets no publisher by that.
with reports as (
    select * from {{ ref('stg_annual_report__reports') }}
),

figures as (
    select * from {{ ref('int_figures_stated') }}
),

publishers as (
    select * from {{ ref('int_publishers_resolved') }}
),

tables as (
    select * from {{ ref('int_tables_fingerprinted') }}
),

contents as (
    select
        report_id,
        sum(figure_count) filter (where table_code != '') as cell_figure_count,
        sum(figure_count) filter (where table_code = '') as claim_figure_count,
        bit_xor(hash(table_code, fingerprint)) as fingerprint
    from tables
    group by report_id
),

described as (
    select
        reports.report_id,
        publishers.publisher_id,
        reports.doc_type,
        reports.region_code,
        reports.report_year,
        reports.form_id,
        reports.scope,
        reports.title,
        reports.document_id,
        reports.doc_type = 'annual_report' and reports.report_year is not null as is_dated,
        coalesce(contents.cell_figure_count, 0) as cell_figure_count,  -- none stated is none
        coalesce(contents.claim_figure_count, 0) as claim_figure_count,
        contents.fingerprint
    from reports
    left join publishers on reports.report_id = publishers.report_id
    left join contents on reports.report_id = contents.report_id
),

dated_tables as (
    select
        described.report_id,
        described.publisher_id,
        described.report_year,
        described.form_id,
        tables.table_code,
        tables.fingerprint
    from described
    inner join tables on described.report_id = tables.report_id
    -- Ten figures that are not zero: the first half of what makes a table telling.
    where described.is_dated and tables.nonzero_count >= 10
),

-- One row per table that several reports have alike, one of them without a publisher.
shared_tables as (
    select
        report_year,
        form_id,
        table_code,
        fingerprint,
        min(publisher_id) as publisher_id,
        min(report_id) as sample_report_id,
        min(report_id) filter (where publisher_id is null) as first_unnamed_report_id
    from dated_tables
    group by report_year, form_id, table_code, fingerprint
    having count(*) > 1 and bool_or(publisher_id is null)
),

shared_values as (
    select distinct
        shared_tables.sample_report_id,
        shared_tables.table_code,
        cast(floor(abs(figures.value)) as hugeint) as whole_value
    from shared_tables
    inner join figures
        on
            shared_tables.sample_report_id = figures.report_id
            and shared_tables.table_code = figures.table_code
    where figures.value != 0
),

-- The other half: its different values have twelve digits together. Such a table tells a report
-- from any other of its year; the many that say 0 and 1 throughout are alike by chance.
telling_tables as (
    select
        sample_report_id,
        table_code
    from shared_values
    group by sample_report_id, table_code
    having sum(length(cast(whole_value as varchar))) >= 12
),

table_owners as (
    select shared_tables.*
    from shared_tables
    inner join telling_tables
        on
            shared_tables.sample_report_id = telling_tables.sample_report_id
            and shared_tables.table_code = telling_tables.table_code
),

-- One row per report without a publisher that shares such a table with another report.
unnamed_copies as (
    select
        dated_tables.report_id,
        min(table_owners.publisher_id) as publisher_id,
        min(table_owners.first_unnamed_report_id) as first_unnamed_report_id
    from dated_tables
    inner join table_owners
        on
            dated_tables.report_year = table_owners.report_year
            and dated_tables.form_id is not distinct from table_owners.form_id
            and dated_tables.table_code = table_owners.table_code
            and dated_tables.fingerprint = table_owners.fingerprint
    where dated_tables.publisher_id is null
    group by dated_tables.report_id
),

grouped as (
    select
        described.*,
        unnamed_copies.report_id is not null as is_found_by_figures,
        -- A report without body or year stands for itself.
        case
            when described.is_dated
                then coalesce(
                    described.report_year || ' ' || coalesce(
                        described.publisher_id,
                        unnamed_copies.publisher_id,
                        unnamed_copies.first_unnamed_report_id
                    ),
                    described.report_id
                )
            else described.report_id
        end as family_id
    from described
    left join unnamed_copies on described.report_id = unnamed_copies.report_id
),

-- Which of several copies stands for them: one that names its publisher, then the fullest.
ranked as (
    select
        *,
        row_number() over (
            partition by family_id
            order by
                publisher_id is null,
                cell_figure_count desc,
                claim_figure_count desc,
                report_id
        ) as family_rank
    from grouped
)

select
    *,
    -- Copies of one scope that say the same, figure by figure, are one reading.
    first_value(report_id) over (
        partition by family_id, scope, fingerprint
        order by family_rank
    ) as reading_id
from ranked
