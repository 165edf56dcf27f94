{# Models that work report by report keep the rows of each report whose state is that of when they were
   made, and make the others anew. `meta` names the state, the column that rows go by, and whether
   all reports at once would not fit into memory. The schema `made_of` tells, for each model, what its
   rows were made of; both change in one transaction. A run that worked out no states makes the model
   as a whole, and leaves none. #}
{% materialization incremental, adapter='duckdb', supported_languages=['sql', 'python'] %}
    {%- set meta = config.require('meta') -%}
    {%- set states = ref('int_reports_numbered' if meta.state == 'own_state' else 'int_report_states') -%}
    {%- set made_of = 'made_of.' ~ this.identifier -%}
    {%- set target = this.incorporate(type='table') -%}
    {%- set cached = load_cached_relation(this) -%}
    {%- set existing = cached if cached is not none and cached.type == 'table' else none -%}
    {%- if cached is not none and existing is none -%}
        {% do adapter.drop_relation(cached) %}
    {%- endif -%}
    {% call statement('compare') -%}
        create schema if not exists made_of;
        create table if not exists {{ made_of }} (report_key integer, state ubigint);
        create or replace temp table reports_kept as
        select states.report_key, states.report_id from {{ states }} as states
        inner join {{ made_of }} as made
            on states.report_key = made.report_key and states.{{ meta.state }} = made.state
        where states.made_by = {{ made_by() }};
    {%- endcall %}
    {%- set part_count = 'max(part_no) + 1' if meta.in_parts else 'null' -%}
    {%- set report_count, kept_count, made_count, part_count, is_known = run_query(
        "select count(*), (select count(*) from reports_kept), (select count(*) from " ~ made_of ~ "), "
        ~ "coalesce(" ~ part_count ~ ", 1), coalesce(bool_and(made_by = " ~ made_by() ~ "), false) "
        ~ "from " ~ states
    ).rows[0] -%}
    {#- Many rows are made anew sooner than looked for. -#}
    {%- set is_whole = (
        existing is none or should_full_refresh() or report_count == 0 or kept_count * 2 < report_count
    ) -%}
    {%- if not is_whole and kept_count < made_count -%}
        {% call statement('forget') -%}
            delete from {{ this }} where {{ meta.key }} not in (select {{ meta.key }} from reports_kept)
        {%- endcall %}
    {%- endif -%}
    {%- if is_whole or kept_count < report_count -%}
        {%- for part_no in range(part_count) -%}
            {% call statement('part') -%}
                create or replace temp table reports_at_hand as
                select report_key, report_id from {{ states }}
                where {{ 'true' if is_whole else 'report_key not in (select report_key from reports_kept)' }}
                {%- if meta.in_parts %} and part_no = {{ part_no }} {%- endif %}
            {%- endcall %}
            {#- dbt runs Python for its own macro only, and wants the language said here. -#}
            {% call dbt.statement('rows', language=model.language) -%}
                {{ make_rows(is_whole and loop.first, is_whole and part_count == 1, report_count - kept_count) }}
            {%- endcall %}
        {%- endfor -%}
    {%- endif -%}
    {% call statement('main') -%}
        create or replace table {{ made_of }} as
        select report_key, {{ meta.state }} as state from {{ states }} where {{ is_known }};
        {{ comments_on(target) }}
    {%- endcall %}
    {% do adapter.commit() %}
    {{ return({'relations': [target]}) }}
{% endmaterialization %}

{# What writes the rows of the reports at hand, in the language of the model. #}
{% macro make_rows(is_new, is_all, report_count) %}
    {%- if model.language == 'python' -%}
{{ compiled_code }}

def materialize(rows, connection):
    connection.register("rows_made", rows)
    connection.execute({{ tojson(('create or replace table ' ~ this ~ ' as' if is_new else 'insert into ' ~ this) ~ ' from rows_made') }})
    connection.unregister("rows_made")
    {%- else -%}
        {%- set query = ask_for_none(sql) if is_all else name_reports(sql) if report_count <= 1000 else sql -%}
        {%- if not is_new -%}
            insert into {{ this }} {{ query }}
        {%- elif config.get('contract').enforced -%}
            create or replace table {{ this }} {{ get_table_columns_and_constraints() }};
            insert into {{ this }} {{ get_column_names() }} {{ get_select_subquery(query) }}
        {%- else -%}
            create or replace table {{ this }} as {{ query }}
        {%- endif -%}
    {%- endif -%}
{% endmacro %}

{# A query that need not look whether a report is at hand, as macros/at_hand.sql says it: all are. #}
{% macro ask_for_none(query) %}
    {{ return(modules.re.sub('[a-z_.]+ in \\(select report_(key|id) from temp[.]reports_at_hand\\)', 'true', query)) }}
{% endmacro %}

{# A query with the reports at hand by name: constants reach the cells themselves, a list that is a
   relation only what was joined to them. #}
{% macro name_reports(query) %}
    {%- set named = run_query('select report_key, report_id from temp.reports_at_hand') -%}
    {%- set named_query = namespace(text=query) -%}
    {%- for column in named.columns if named.rows -%}
        {%- set relation = '(select ' ~ column.name ~ ' from temp.reports_at_hand)' -%}
        {%- set names = "('" ~ column.values() | join("', '") ~ "')" -%}
        {%- set named_query.text = named_query.text.replace(relation, names) -%}
    {%- endfor -%}
    {{ return(named_query.text) }}
{% endmacro %}
