"""What a phone shares with the installed space, by the worker that takes it."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.people import Cabinet
from tests.browser.pictures import look
from tests.e2e.world import World

pytestmark = pytest.mark.e2e
SHARE = """() => {
  const form = document.createElement('form');
  Object.assign(form, {method: 'post', enctype: 'multipart/form-data', action: '/partage'});
  const input = form.appendChild(Object.assign(document.createElement('input'), {type: 'file', name: 'documents'}));
  const data = new DataTransfer();
  data.items.add(new File(['%PDF-1.4 shared %%EOF'], 'reçu.pdf', {type: 'application/pdf'}));
  input.files = data.files;
  document.body.append(form);
  form.submit();
}"""  # as the phone's share sheet does


def test_a_share_asks_for_its_folder_and_a_page_without_network_says_so(cabinet: Cabinet, world: World) -> None:
    marie = cabinet.company(has_touch=True, is_mobile=True, service_workers="allow")
    marie.goto("/")
    marie.evaluate("navigator.serviceWorker.ready.then(() => null)")  # from the next page on it is there
    marie.reload()
    with marie.expect_navigation(url="**/?partage=1"):
        marie.evaluate(SHARE)
    asked = marie.locator(".sending form")
    expect(asked).to_contain_text("« reçu.pdf » : dans quel dossier ?")
    look(marie, "partage")
    asked.locator("select").select_option(label="Achats")
    asked.get_by_role("button", name="Déposer").click()
    expect(marie.locator(".sending header")).to_contain_text("1 déposé", timeout=30_000)
    assert set(world.online()) == {"Achats/reçu.pdf"}
    marie.reload()
    expect(marie.locator("h1")).to_be_visible()
    expect(marie.locator(".sending")).to_be_hidden()
    marie.context.set_offline(True)
    marie.goto("/compte")
    expect(marie.locator("h1")).to_have_text("Pas de réseau")
    marie.context.set_offline(False)
