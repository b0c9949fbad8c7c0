"""What is the same in every drawing is put in when a template is read, and reads as if it were not."""

import pytest

from screenpop.pages.environment import environment, icon


@pytest.mark.parametrize(
    ("source", "read"),
    [
        pytest.param('{{ _("Called") }}', "Llamó al", id="words"),
        pytest.param(
            "<i title=\"{{ _('Called') }} {{ name }}\">", '<i title="Llamó al {{ name }}">', id="in quotes"
        ),
        pytest.param('{{ icon("phone") }}', str(icon("phone")), id="an icon"),
        pytest.param('{{ icon("bell-ring", "big") }}', str(icon("bell-ring", "big")), id="and its size"),
        pytest.param('{{ _("%(n)d people", n=2) }}', None, id="words with values"),
        pytest.param('{{ _("Called") | upper }}', None, id="words that a filter takes"),
        pytest.param("{{ _(name) }}", None, id="words not known yet"),
        pytest.param('{% if _("Called") %}', None, id="no output"),
    ],
)
def test_what_is_constant_is_put_in(source: str, read: str | None) -> None:
    assert environment("es").preprocess(source) == (source if read is None else read)
