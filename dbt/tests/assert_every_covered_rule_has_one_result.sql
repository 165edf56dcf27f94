-- A row here means that a rule covers an annual report and has no result there, several for one
-- member of its scope, or one that it should not have. Reports are compared by count and by a sum
-- of hashes: the rows themselves are millions.
{{ config(meta={'dagster': {'ref': {'name': 'fct_rule_results'}}}) }}

with covered as (
    select
        report_id,
        count(*) as member_count,
        sum(hash(rule_id, scope_code)) as members_hash
    from {{ ref('int_rule_coverage') }}
    group by report_id
),

results as (
    select
        report_id,
        count(*) as member_count,
        sum(hash(rule_id, scope_code)) as members_hash
    from {{ ref('fct_rule_results') }}
    group by report_id
)

select
    coalesce(covered.report_id, results.report_id) as report_id,
    covered.member_count as covered_count,
    results.member_count as result_count
from covered
full join results on covered.report_id = results.report_id
where
    covered.member_count is distinct from results.member_count
    or covered.members_hash is distinct from results.members_hash
