{{ config(materialized='table') }}

-- One row per rule, edition that it covers, and member of its scope there ('' for the one whole).
with rules as (
    select * from {{ ref('form_rule') }}
),

rule_editions as (
    select * from {{ ref('form_rule_edition') }}
),

rule_terms as (
    select * from {{ ref('form_rule_term') }}
),

lines as (
    select * from {{ ref('form_line') }}
),

applicants as (
    select * from {{ ref('form_applicant') }}
),

value_columns as (
    select * from {{ ref('form_value_column') }}
),

covered as (
    select
        rules.rule_id,
        rules.scope_kind,
        rules.table_code,
        rule_editions.form_id
    from rules
    inner join rule_editions on rules.rule_id = rule_editions.rule_id
),

edition_applicants as (
    select
        applicant_code,
        unnest(string_split(form_ids, '|')) as form_id
    from applicants
),

documents as (
    select
        rule_id,
        form_id,
        '' as scope_code
    from covered
    where scope_kind = 'document'
),

applicant_columns as (
    select
        covered.rule_id,
        covered.form_id,
        edition_applicants.applicant_code as scope_code
    from covered
    inner join edition_applicants on covered.form_id = edition_applicants.form_id
    where covered.scope_kind = 'applicant_column'
),

printed_rows as (
    select
        covered.rule_id,
        covered.form_id,
        lines.indicator_code as scope_code
    from covered
    inner join lines on covered.form_id = lines.form_id
    where
        lines.node_type != 'heading'
        and (
            (covered.scope_kind = 'request_row' and lines.dimension_code = 'request_row')
            or (covered.scope_kind = 'row' and covered.table_code = lines.table_code)
        )
),

printed_columns as (
    select
        covered.rule_id,
        covered.form_id,
        value_columns.column_code as scope_code
    from covered
    inner join value_columns on covered.form_id = value_columns.form_id
    where covered.scope_kind = 'value_column'
),

shares as (
    select distinct
        covered.rule_id,
        covered.form_id,
        rule_terms.scope_code
    from covered
    inner join rule_terms on covered.rule_id = rule_terms.rule_id
    where covered.scope_kind = 'qualifier' and rule_terms.scope_code != ''
),

members as (
    select * from documents
    union all
    select * from applicant_columns
    union all
    select * from printed_rows
    union all
    select * from printed_columns
    union all
    select * from shares
)

select
    *,
    -- The number of the rule with its member, whatever the edition.
    cast(dense_rank() over (order by rule_id, scope_code) as integer) as instance_no
from members
