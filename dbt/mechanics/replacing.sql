{# How relations are written. DuckDB replaces one by a single statement, with its comments, inside the
   node's transaction. dbt's own materializations write it beside, rename it twice, ask for its columns
   and drop the old one: a dozen statements, which cost more than most queries here. There are no hooks,
   grants or indexes to mind. #}
{% materialization table, adapter='duckdb' %}
    {%- set definition -%}
        {%- if config.get('contract').enforced -%}
            {{ get_table_columns_and_constraints() }};
            insert into {{ this }} {{ get_column_names() }} {{ get_select_subquery(sql) }}
        {%- else -%}
            as {{ sql }}
        {%- endif -%}
    {%- endset -%}
    {{ return(replace_relation('table', definition)) }}
{% endmaterialization %}

{% materialization view, adapter='duckdb' %}
    {{ return(replace_relation('view', 'as ' ~ sql)) }}
{% endmaterialization %}

{# DuckDB reads the file itself; a column without a stated type is text. #}
{% materialization seed, adapter='duckdb' %}
    {%- set types = config.get('column_types') or {} -%}
    {%- set definition -%}
        as select * from read_csv(
            '{{ adapter.get_seed_file_path(model) }}',
            header = true, delim = ',', quote = '"', escape = '"',
            types = {
                {%- for column in model.columns %}
                '{{ column }}': '{{ types.get(column, 'varchar') }}'{{ ',' if not loop.last }}
                {%- endfor %}
            }
        )
    {%- endset -%}
    {# What `dbt seed --show` prints: nothing was read here. #}
    {% do store_result('agate_table', response='OK') %}
    {{ return(replace_relation('table', definition)) }}
{% endmaterialization %}

{% macro replace_relation(kind, definition) %}
    {%- set target = this.incorporate(type=kind) -%}
    {%- set existing = load_cached_relation(this) -%}
    {%- if existing is not none and existing.type != kind -%}
        {% do adapter.drop_relation(existing) %}
    {%- endif -%}
    {%- if config.get('contract').enforced -%}
        {{ get_assert_columns_equivalent(sql) }}
    {%- endif -%}
    {% call statement('main') -%}
        create or replace {{ kind }} {{ target }} {{ definition }};
        {{ comments_on(target) }}
    {%- endcall %}
    {% do adapter.commit() %}
    {{ return({'relations': [target]}) }}
{% endmacro %}

{% macro comments_on(relation) %}
    {%- if config.persist_relation_docs() and model.description -%}
        comment on {{ relation.type }} {{ relation }} is {{ duckdb_escape_comment(model.description) }};
    {%- endif -%}
    {%- if config.persist_column_docs() -%}
        {%- for column in model.columns.values() if column.description -%}
            comment on column {{ relation }}.{{ column.name }}
                is {{ duckdb_escape_comment(column.description) }};
        {%- endfor -%}
    {%- endif -%}
{% endmacro %}
