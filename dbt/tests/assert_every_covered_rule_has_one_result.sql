-- A row here means that a rule covers an annual report and has no result there, several for one
-- member of its scope, or one that it should not have. Reports are compared by count and by a sum
-- of hashes: the rows themselves are millions.
{{ config(meta={'dagster': {'ref': {'name': 'fct_rule_results'}}}) }}

with covered as (
    select
        report_key,
        count(*) as member_count,
        sum(hash(instance_no)) as members_hash
    from {{ ref('int_rule_coverage') }}
    group by report_key
),

results as (
    select
        report_key,
        count(*) as member_count,
        sum(hash(instance_no)) as members_hash
    from {{ ref('int_rule_residuals') }}
    group by report_key
)

select
    coalesce(covered.report_key, results.report_key) as report_key,
    covered.member_count as covered_count,
    results.member_count as result_count
from covered
full join results on covered.report_key = results.report_key
where
    covered.member_count is distinct from results.member_count
    or covered.members_hash is distinct from results.members_hash
