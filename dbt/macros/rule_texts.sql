{# How a figure is written where a rule compares it: `req_new[total]`. #}
{% macro operand_name() -%}
    indicator_code || case when part_code != '' then '[' || part_code || ']' else '' end
{%- endmacro %}

{# A number without trailing zeros: 451, 27042.62. NULL stays NULL. #}
{% macro number_text(column) -%}
    rtrim(rtrim(cast(cast({{ column }} as decimal(38, 6)) as varchar), '0'), '.')
{%- endmacro %}

{# A term of a rule with the figure that it met: `+ 2 * prev(req_new[total]) 451`. #}
{% macro term_text(term, figure) -%}
    case when {{ term }}.coefficient < 0 then '- ' else '+ ' end
    || case
        when abs({{ term }}.coefficient) != 1 then abs({{ term }}.coefficient) || ' * '
        else ''
    end
    || case
        when {{ term }}.year_offset = -1 then 'prev(' || {{ operand_name() }} || ')'
        when {{ term }}.body = 'children' then 'children(' || {{ operand_name() }} || ')'
        else {{ operand_name() }}
    end
    || ' '
    || case
        -- A table that is not there is a count of none.
        when {{ figure }}.operand_no is null and {{ term }}.operand = 'table' then '0'
        else
            coalesce(
                {{ number_text(figure ~ '.value') }}, {{ figure }}.operand_status, 'absent'
            )
    end
{%- endmacro %}

{# The two sides of a result, from the words of their terms. #}
{% macro comparison_text(rule, result, told, domain) -%}
    case
        when {{ rule }}.rule_kind = 'domain' then coalesce({{ domain }}.offending_text, '')
        when {{ rule }}.rule_kind = 'ratio'
            then
                {{ told }}.text_1
                || ' ' || {{ rule }}.relation
                || ' 100 * (' || {{ told }}.text_2
                || ') / ('
                || case when {{ result }}.is_else then {{ told }}.text_4 else {{ told }}.text_3 end
                || ')'
        else
            coalesce({{ told }}.text_1, '0')
            || ' ' || {{ rule }}.relation || ' '
            || coalesce(
                {{ told }}.text_2,
                -- Tables are counted against those that the rule names.
                {{ number_text(result ~ '.right_value') }}
            )
    end
{%- endmacro %}
