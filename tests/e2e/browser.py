"""A person at the pages, without a browser: cookies, forms with their token."""

from __future__ import annotations

import contextlib
import http.cookiejar
import re
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator

import pytest


@contextlib.contextmanager
def refused(code: int) -> Iterator[None]:
    """What is asked for inside is answered by that status."""
    with pytest.raises(urllib.error.HTTPError) as answer:
        yield
    answer.value.close()
    assert answer.value.code == code


class Visitor:
    def __init__(self, url: str) -> None:
        self.url = url
        self._opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar()))

    def get(self, path: str) -> str:
        with self._opener.open(self.url + path) as answer:
            return str(answer.read().decode())

    def post(self, path: str, page: str, **form: str) -> tuple[int, str]:
        """The form of `page`, with its token: (status, the page it leads to)."""
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', self.get(page))
        data = urllib.parse.urlencode({"csrfmiddlewaretoken": token[1] if token else "", **form}).encode()
        try:
            with self._opener.open(self.url + path, data) as answer:
                return int(answer.status), answer.read().decode()
        except urllib.error.HTTPError as e:
            with e:
                return e.code, e.read().decode()

    def sign_in(self, login: str = "direction@cabinet-martin.fr", password: str = "une phrase assez longue") -> int:
        return self.post("/connexion", "/connexion", login=login, password=password)[0]
