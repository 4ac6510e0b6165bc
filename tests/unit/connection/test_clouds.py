"""Each cloud has its own sign-in service and its own Graph."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest
from msal.authority import WELL_KNOWN_AUTHORITY_HOSTS

from scheduler.connection.clouds import CLOUDS, CloudName


@pytest.mark.parametrize("name", CLOUDS)
def test_the_sign_in_service_is_microsofts(name: CloudName) -> None:
    """Microsoft's own library knows the host, and Graph is asked in version 1.0 by https."""
    cloud = CLOUDS[name]
    assert urlsplit(cloud.authority).netloc in WELL_KNOWN_AUTHORITY_HOSTS
    assert ("https", "/v1.0") == (urlsplit(cloud.graph_url).scheme, urlsplit(cloud.graph_url).path)


def test_no_two_clouds_share_a_graph() -> None:
    """Both American clouds sign in at one place and have a Graph each."""
    assert len(CLOUDS) == len({cloud.graph_url for cloud in CLOUDS.values()})
    assert CLOUDS["usgov"].authority == CLOUDS["usgov-dod"].authority
