{# How SQL is run: as dbt does it, but for a copy of each statement in a file of its own. What was
   compiled lies in `target/compiled`; every other word stands in these mechanics. #}
{% macro statement(name=none, fetch_result=false, auto_begin=true) %}
    {%- if execute -%}
        {%- set response, table = adapter.execute(caller(), auto_begin=auto_begin, fetch=fetch_result) -%}
        {%- if name is not none -%}
            {%- do store_result(name, response=response, agate_table=table) -%}
        {%- endif -%}
    {%- endif -%}
{% endmacro %}
