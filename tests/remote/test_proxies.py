"""Whatever stands in the environment about proxies, it is understood or refused in one sentence, for each command alike."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from syncd.config.load import loads
from syncd.core import web_address
from syncd.core.errors import UsageError
from syncd.doctor import portal
from syncd.remote import health_check, proxies
from syncd.remote.transport import Transport

PORTAL = "https://documents.cabinet-martin.fr"
PROXY = "http://proxy.cabinet-martin.fr:3128"


@pytest.fixture(autouse=True)
def nothing_said(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http", "https", "all", "no"):
        for each in (f"{name}_proxy", f"{name}_proxy".upper()):
            monkeypatch.delenv(each, raising=False)


@pytest.mark.parametrize(
    ("said", "proxy"),
    [
        ({}, None),
        ({"HTTPS_PROXY": PROXY}, PROXY),
        ({"https_proxy": "proxy:3128"}, "http://proxy:3128"),
        ({"ALL_PROXY": PROXY}, PROXY),
        ({"HTTP_PROXY": PROXY}, None),
        ({"HTTPS_PROXY": PROXY, "NO_PROXY": "localhost,127.0.0.1,::1"}, PROXY),
        ({"HTTPS_PROXY": PROXY, "NO_PROXY": "10.0.0.0/8, fd00::/8, [::1]:80"}, PROXY),
        ({"HTTPS_PROXY": PROXY, "NO_PROXY": "::1, .cabinet-martin.fr"}, None),
        ({"HTTPS_PROXY": PROXY, "NO_PROXY": "cabinet-martin.fr"}, None),
        ({"HTTPS_PROXY": PROXY, "NO_PROXY": "martin.fr,tin.fr,*.autre.fr,,"}, PROXY),
        ({"HTTPS_PROXY": PROXY, "NO_PROXY": "documents.cabinet-martin.fr:443"}, None),
        ({"HTTPS_PROXY": PROXY, "NO_PROXY": "documents.cabinet-martin.fr:8443"}, PROXY),
        ({"HTTPS_PROXY": PROXY, "NO_PROXY": "*"}, None),
        ({"HTTPS_PROXY": ""}, None),
    ],
)
def test_what_stands_there_is_understood(
    said: dict[str, str], proxy: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in said.items():
        monkeypatch.setenv(name, value)
    assert proxies.of(web_address.parse(PORTAL)) == proxy

    async def made() -> None:
        line = Transport(PORTAL, "key")
        assert line._http is not None
        await line.close()

    asyncio.run(made())


@pytest.mark.parametrize(
    ("url", "exempt"),
    [("https://10.1.2.3", "10.0.0.0/8"), ("https://[fd00::7]:8443", "fd00::/8"), ("https://[fd00::7]", "fd00::7"), ("https://192.0.2.1", "192.0.2.1")],
)  # fmt: skip
def test_addresses_and_networks_are_exempt(url: str, exempt: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", PROXY)
    monkeypatch.setenv("NO_PROXY", "198.51.100.0/24,::1")
    assert proxies.of(web_address.parse(url)) == PROXY
    monkeypatch.setenv("NO_PROXY", f"::1,{exempt}")
    assert proxies.of(web_address.parse(url)) is None


@pytest.mark.parametrize("url", ["http://127.0.0.1:8080", "https://localhost:8443", "https://[::1]:8443"])
def test_this_machine_is_reached_directly(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", PROXY)
    monkeypatch.setenv("HTTP_PROXY", PROXY)
    assert proxies.of(web_address.parse(url)) is None


@pytest.mark.parametrize(
    "value",
    ["socks5://proxy:1080", "socks4a://secret:word@proxy", "http://proxy:99999", "http://proxy:port", "http://", "http://[::1", "://", "ftp://proxy"],
)  # fmt: skip
def test_what_cannot_be_used_is_one_sentence_in_every_command(
    value: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", value)
    with pytest.raises(UsageError, match="HTTPS_PROXY") as told:
        Transport(PORTAL, "key")
    assert told.value.mend and "secret" not in str(told.value)
    (tmp_path / "key").write_text("a" * 64)
    text = "[mirror]\n" + "".join(f"{k} = '{tmp_path / k}'\n" for k in ("root", "state", "logs"))
    config = loads(text + f"[portal]\nurl = '{PORTAL}'\ntoken_file = '{tmp_path / 'key'}'\n", "syncd.toml", {})
    (finding,) = portal.examine(config)
    assert (finding.code, "HTTPS_PROXY" in finding.text) == (2, True)
    health_check.ping(PORTAL, "", {})  # a check that cannot be told changes nothing
