import socket
import urllib.request
from urllib.error import URLError

import pytest


@pytest.fixture
def no_network(monkeypatch):
    """Every download fails; gives the addresses that were asked for and the time limits then in force."""
    asked = []

    def refuse(request, *_, **__):
        asked.append((request.full_url, socket.getdefaulttimeout()))
        raise URLError("no network")

    monkeypatch.setattr(urllib.request, "urlopen", refuse)
    return asked
