"""`hotline rebuild`: every read model of every service has a name under which it is found, in its own service."""

import click
import pytest

from hotline_chassis.roles import SERVICES
from hotline_cli.readers import views_of
from hotline_cli.rebuild import find_view


@pytest.mark.parametrize("service", SERVICES)
def test_every_read_model_is_found_in_its_service_also_one_that_several_have(service: str) -> None:
    for view in views_of(service):
        name = view.name if view.name.startswith(f"{service}.") else f"{service}.{view.name}"
        found = find_view(name)
        assert (found[0], found[1].name) == (service, view.name)
        assert find_view(name.partition("@")[0])[0] == service


def test_a_name_that_no_read_model_has_is_answered_with_those_that_there_are() -> None:
    with pytest.raises(click.BadParameter, match=r"intake\.confidentiality@1.*routing\.confidentiality@1"):
        find_view("confidentiality")
