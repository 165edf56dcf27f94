{# A query for the promises of a relation that some of its rows break, and how many rows do. #}
{% macro broken_promises(model, unique, not_null, references, accepted) %}
    {%- set wrong = {} -%}
    {%- for column in not_null -%}
        {%- do wrong.update({column ~ ": not null": column ~ " is null"}) -%}
    {%- endfor -%}
    {%- for column, values in accepted.items() -%}
        {%- set listed = "'" ~ values | join("', '") ~ "'" -%}
        {%- do wrong.update({column ~ ": one of " ~ values | join(", "): column ~ " not in (" ~ listed ~ ")"}) -%}
    {%- endfor -%}
    {%- set counts = [] -%}
    {%- for promise, condition in wrong.items() -%}
        {%- do counts.append("{'promise': '" ~ promise ~ "', 'row_count': count(*) filter (where " ~ condition ~ ")}") -%}
    {%- endfor -%}
    {%- set selects = [] -%}
    {%- if counts -%}
        {%- do selects.append("select unnest([" ~ counts | join(",\n        ") ~ "], recursive := true) from " ~ model) -%}
    {%- endif -%}
    {%- if unique -%}
        {%- set key = unique | join(", ") -%}
        {#- Of millions of keys the hashes are compared; the keys themselves only where hashes meet. -#}
        {%- set met = "select hash(" ~ key ~ ") as key_hash from " ~ model ~ " group by key_hash having count(*) > 1" -%}
        {%- set candidates = model ~ " where hash(" ~ key ~ ") in (" ~ met ~ ")" -%}
        {%- set repeated = candidates ~ " group by " ~ key ~ " having count(*) > 1" -%}
        {%- do selects.append("select '" ~ key ~ ": unique', count(*) from (select 1 from " ~ repeated ~ ")") -%}
    {%- endif -%}
    {%- for column, target in references.items() -%}
        {%- set path = target.split(".") -%}
        {%- set known = "select " ~ path[1] ~ " from " ~ ref(path[0]) ~ " where " ~ path[1] ~ " is not null" -%}
        {%- set broken = model ~ " where " ~ column ~ " not in (" ~ known ~ ")" -%}
        {%- do selects.append("select '" ~ column ~ ": stands in " ~ target ~ "', count(*) from " ~ broken) -%}
    {%- endfor -%}
select * from (
    {{ selects | join("\n    union all\n    ") }}
) as broken (promise, row_count)
where row_count > 0
{% endmacro %}
