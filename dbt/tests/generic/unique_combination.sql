{# A row here means several rows share one key. Keys of millions of rows are compared by their hash
   first; only rows whose hashes meet are compared by the key itself. #}
{% test unique_combination(model, columns) %}
with keys as (
    select
        {{ columns | join(',\n        ') }},
        hash({{ columns | join(', ') }}) as key_hash
    from {{ model }}
),

suspects as (
    select key_hash
    from keys
    group by key_hash
    having count(*) > 1
)

select
    {{ columns | join(', ') }},
    count(*) as row_count
from keys
semi join suspects on keys.key_hash = suspects.key_hash
group by {{ columns | join(', ') }}
having count(*) > 1
{% endtest %}
