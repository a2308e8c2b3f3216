"""The space as a phone's application: what it says of itself, and that a share takes nothing by itself."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from typing import Any

from PIL import Image


def test_the_manifest_names_the_cabinet_its_colour_and_what_may_be_shared(
    office: Any, browse: Callable[..., Any]
) -> None:
    office.boss.cabinet.colour = "#7a1414"
    office.boss.cabinet.save()
    browser = browse(office.boss)
    assert 'rel="manifest" href="/manifest.webmanifest"' in browser.get("/").content.decode()
    answer = browser.get("/manifest.webmanifest")
    said = json.loads(answer.content)
    assert answer.headers["Content-Type"] == "application/manifest+json"
    assert said["name"] == office.boss.cabinet.name and said["theme_color"] == "#7a1414"
    share = said["share_target"]
    assert (share["action"], share["method"], share["enctype"]) == ("/partage", "POST", "multipart/form-data")
    for icon in said["icons"]:
        drawn = Image.open(io.BytesIO(browser.get(icon["src"]).content)).convert("RGB")
        assert f"{drawn.width}x{drawn.height}" == icon["sizes"]
        assert drawn.crop((0, 0, 1, 1)).tobytes() == bytes.fromhex("7a1414")
    assert browser.get("/icone-9999.png").status_code == 404
    assert "manifest-src 'self'" in answer.headers["Content-Security-Policy"]


def test_what_another_page_sends_as_a_share_is_not_taken(office: Any, browse: Callable[..., Any]) -> None:
    """No token guards that address, so it writes nothing: the browser's own worker keeps what the phone shares."""
    from django.test import Client as Browser

    from syncd.portal.models import Document

    file = io.BytesIO(b"%PDF-1.4 %%EOF")
    file.name = "facture.pdf"
    forged = Browser(enforce_csrf_checks=True)
    forged.force_login(office.boss, backend="django.contrib.auth.backends.ModelBackend")
    answer = forged.post("/partage", {"documents": file})
    assert answer.status_code == 302 and answer.headers["Location"] == "/"
    assert not Document.objects.exists()
    assert "n&#x27;a pas été pris" in forged.get("/").content.decode()
    stranger = Browser().get("/partage")
    assert stranger.status_code == 302 and stranger.headers["Location"].startswith("/connexion")


def test_the_worker_keeps_no_page(office: Any, browse: Callable[..., Any]) -> None:
    script = browse(office.boss).get("/service-worker.js").content.decode()
    assert "caches" not in script and "/partage" in script
