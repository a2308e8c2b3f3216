"""Trees that are alike are one tree in memory, and each client's own all the same."""

from __future__ import annotations

from pathlib import Path

from syncd.core.folder_rules import FolderRule
from syncd.core.protocol import ClientState, ClientTree
from syncd.state.store import open_store


def test_clients_of_one_template_share_its_rules_and_nothing_else(tmp_path: Path) -> None:
    store = open_store(tmp_path)
    for n in range(3):
        store.clients.put(ClientState(f"{n:032}", f"00{n}", "X", 1))
        last = "Ventes" if n == 2 else "Achats"
        store.clients.put_tree(ClientTree(f"{n:032}", n + 5, (FolderRule("Banque"), FolderRule(last))))
    store.close()
    store = open_store(tmp_path)
    one, two, three = (row.rules for row in store.clients.all() if row.rules)
    assert (one.client, two.client, three.client) == (f"{0:032}", f"{1:032}", f"{2:032}")
    assert (one.tree, two.tree, three.tree) == (5, 6, 7)
    assert one.folders is two.folders and three.folders[1].path == "Ventes"
    assert one.rules("a").rule("Achats/x") is two.rules("b").rule("achats")
    store.clients.put_tree(ClientTree(f"{1:032}", 9, (FolderRule("Autres"),)))
    assert [row.rules.folders[0].path for row in store.clients.all() if row.rules] == ["Banque", "Autres", "Banque"]
    assert [row.rules.tree for row in store.clients.all() if row.rules] == [5, 9, 7]
