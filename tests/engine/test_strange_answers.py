"""What no portal would say of one client stops that client alone; what is nobody's ends the run; nothing is written of either."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest
import stamina
from msgspec.structs import replace

from syncd.core import paths, tree_digests
from syncd.core.content import Content
from syncd.core.entry import RemoteDoc, RemoteFolder, RemoteState
from syncd.core.folder_rules import FolderRule
from syncd.core.paths import ClientPath
from syncd.core.protocol import FolderItem, Listing, PutItem, RunSummary
from syncd.engine import Ports, run_once
from syncd.local.mirror import DiskMirror
from syncd.remote.http import HttpRemote
from syncd.remote.session import Session
from syncd.remote.transport import Transport
from syncd.wire import framing, messages
from syncd.wire.messages import decode, encode
from tests.simulation.engine_in_memory import Lab
from tests.support.memory_portal import MemoryRemote

Spoil = Callable[[str, Any], Any]


def honest(path: str, answer: Any) -> Any:
    return answer


class Spoken(Lab):
    """The reference portal behind the real line; `spoil` may change every JSON answer on its way."""

    def __init__(self, base: Path) -> None:
        super().__init__(base, (FolderRule("Achats"), FolderRule("Ventes")), ("001", "002"))
        self.behind = MemoryRemote(self.portal)
        self.spoil: Spoil = honest
        self.asked: list[str] = []

    def passed(self) -> dict[str, Any]:
        """A run, whatever comes of it."""
        self.events = []
        self.asked.clear()

        async def work() -> dict[str, Any]:
            line = Transport("http://127.0.0.1:1", "key", transport=httpx.MockTransport(self._answer))
            parts = Ports(HttpRemote(Session(line)), DiskMirror(str(self.root), settle=0.0), self.state, self.clock)
            try:
                return (await run_once(parts, self.settings, self.events.append)).as_dict()
            finally:
                await parts.remote.close()

        return asyncio.run(work())

    async def _answer(self, request: httpx.Request) -> httpx.Response:
        path, raw, to = request.url.path.removeprefix("/api/v1"), request.content, self.behind
        self.asked.append(path)
        match path:
            case "/hello":
                asked = decode(raw, messages.HelloRequest)
                answer: Any = await to.hello(asked.caller, asked.cursor)
                answer = replace(answer, folders=tuple(f for f in answer.folders if f.folder.path))
            case "/trees":
                answer = await to.trees(decode(raw, messages.ClientsRequest).clients)
            case "/listings":
                listings: list[Any] = []
                await to.listings(decode(raw, messages.ClientsRequest).clients, listings.append)
                lines = [encode(self.spoil(path, json.loads(encode(x)))) + b"\n" for x in listings]
                return httpx.Response(200, content=_given(b"".join(lines) + b"\n"))
            case "/lookup":
                looked = decode(raw, messages.LookupRequest)
                answer = await to.lookup(looked.client, looked.docs)
            case "/put":
                reader: framing.Reader[Any] = framing.Reader(PutItem | FolderItem)  # type: ignore[arg-type]
                answer = await to.put(list(reader.feed(raw)))
            case "/get":
                frames: list[Any] = []
                await to.get(decode(raw, messages.GetRequest).items, lambda item, data: frames.append((item, data)))
                return httpx.Response(200, content=_given(b"".join(framing.write(frames))))
            case "/summary":
                await to.summary(decode(raw, RunSummary))
                answer = {}
            case _:
                raise AssertionError(path)
        return httpx.Response(200, content=_given(encode(self.spoil(path, json.loads(encode(answer))))))

    def files(self) -> set[str]:
        return {str(p.relative_to(self.base)) for p in self.base.rglob("*") if ".syncd" not in p.parts}

    def client(self, code: str) -> str:
        return self.clients[code]

    def give(self, code: str, *folders: str) -> None:
        """Another tree."""
        space = self.portal.spaces[self.client(code)]
        space.tree = replace(space.tree, tree=space.tree.tree + 1, folders=tuple(FolderRule(f) for f in folders))
        space.state = replace(space.state, tree=space.tree.tree)
        self.portal.changed("client", space.state.id)


async def _given(data: bytes) -> AsyncIterator[bytes]:
    yield data


@pytest.fixture
def lab(tmp_path: Path) -> Iterator[Spoken]:
    with stamina.set_testing(True, attempts=1):
        made = Spoken(tmp_path)
        assert made.passed()["verdict"] == "done"
        for code in made.clients:
            made.deposit("Achats/a.pdf", b"deposited " + code.encode(), code)
            made.write("Ventes/v.pdf", b"of the cabinet " + code.encode(), code)
        for _ in range(2):
            assert made.passed()["verdict"] == "done"
        yield made


def everywhere(lab: Spoken, change: Callable[[dict[str, Any]], None], client: str) -> Spoil:
    """Changes each document said of one client, in whatever answer, and gives listings their own digest."""

    def spoil(path: str, answer: Any) -> Any:
        if path == "/hello":
            for each in answer["docs"]:
                if each["client"] == client:
                    change(each["doc"])
        if path == "/listings" and answer["client"] == client:
            for doc in answer["docs"]:
                change(doc)
            docs, folders = (
                [_loose(d) for d in answer["docs"]],
                [RemoteFolder(f["id"], f["path"]) for f in answer["folders"]],
            )
            with contextlib.suppress(TypeError):
                answer["count"], answer["digest"] = tree_digests.listing(docs, folders)
        if path == "/lookup":
            for doc in answer:
                if doc is not None:
                    change(doc)
        return answer

    return spoil


def _loose(doc: dict[str, Any]) -> RemoteDoc:
    content = Content(doc["content"]["size"], msgspec.convert(doc["content"]["sha256"], bytes))
    return RemoteDoc(doc["id"], doc["path"], content, doc["version"], state=RemoteState(doc.get("state", "live")))


@pytest.mark.parametrize(
    "bad",
    [{"path": "../../002 - Client 002/Achats/x.pdf"}, {"path": "/tmp/x.pdf"}, {"path": "Achats/" + "d/" * 3000 + "x.pdf"},
     {"path": "Achats/\x1b[2J.pdf"}, {"path": ""}, {"path": "Achats/e\u0301.pdf"}, {"version": 2**63}, {"version": -1}, {"id": "../x"},
     {"content": {"size": 2**63, "sha256": "AA=="}}, {"content": {"size": -1, "sha256": "AA=="}}, {"version_id": "x" * 32}],
    ids=repr,
)  # fmt: skip
def test_one_clients_documents_are_not_believed_and_the_other_is_served(lab: Spoken, bad: dict[str, Any]) -> None:
    before = lab.files()
    lab.deposit("Achats/new.pdf", b"new of 001", "001")
    lab.deposit("Achats/new.pdf", b"new of 002", "002")
    lab.spoil = everywhere(lab, lambda doc: doc.update(bad), lab.client("001"))
    for _ in range(2):  # the second asks for the whole list of it again
        summary = lab.passed()
        assert (summary["verdict"], summary["stopped"], summary["exit_code"]) == ("error", ["001"], 3)
        (told,) = [e for e in lab.events if e.action == "stopped"]
        assert told.reason == "stop_listing" and told.detail.isprintable() and len(told.detail) < 1000
        assert paths.printable(str(bad.get("path", ""))[:60]) in told.detail  # which one it is
        assert lab.files() - before == {"root/002 - Client 002/Achats/new.pdf"}
    lab.spoil = honest
    assert lab.passed()["stopped"] == []
    assert (lab.dir("001") / "Achats/new.pdf").read_bytes() == b"new of 001"


@pytest.mark.parametrize("name", ["../../elsewhere", "/tmp/elsewhere", "Achats/../../x", "a\x00b"])
def test_a_folder_outside_its_client_is_not_made(lab: Spoken, name: str) -> None:
    before = lab.files()
    lab.portal.make_folder(lab.portal.spaces[lab.client("001")], "Achats/Neuf")
    lab.portal.make_folder(lab.portal.spaces[lab.client("002")], "Achats/Neuf")

    def spoil(path: str, answer: Any) -> Any:
        for each in answer["folders"] if path == "/hello" else ():
            if each["client"] == lab.client("001"):
                each["folder"]["path"] = name
        if path == "/listings":
            for folder in answer["folders"]:
                folder["path"] = name
            docs = decode(encode({**answer, "folders": []}), Listing).docs
            answer["count"], answer["digest"] = tree_digests.listing(
                docs, [RemoteFolder(f["id"], ClientPath(name)) for f in answer["folders"]]
            )
        return answer

    lab.spoil = spoil
    assert lab.passed()["stopped"] == ["001"]
    assert lab.files() - before == {"root/002 - Client 002/Achats/Neuf"}


@pytest.mark.parametrize(
    "bad",
    [{"path": "../x"}, {"path": "/x"}, {"path": "A", "max_size": 2**63}, {"path": "A", "max_size": 2**70}, {"path": 7}],
)
def test_a_tree_that_is_none_stops_its_client(lab: Spoken, bad: dict[str, Any]) -> None:
    before = lab.files()
    for code in ("001", "002"):
        lab.give(code, "Achats", "Ventes", "Banque")
        lab.write("Banque/b.pdf", code.encode(), code)

    def spoil(path: str, answer: Any) -> Any:
        for tree in answer if path == "/trees" else ():
            if tree["client"] == lab.client("001"):
                tree["folders"][0].update(bad)
        return answer

    lab.spoil = spoil
    for _ in range(2):
        assert lab.passed()["stopped"] == ["001"]
    assert lab.files() - before >= {"root/002 - Client 002/Banque/b.pdf"} and not (lab.root / "x").exists()
    lab.spoil = honest
    assert lab.passed()["stopped"] == []


@pytest.mark.parametrize(
    "bad",
    [{"cabinet": "x"}, {"lease": 2**63}, {"generation": 2**64}, {"now": "later"}, {"cursor": {"epoch": "e", "seq": -1, "tag": ""}},
     {"clients": [{"id": "f" * 32, "code": "../003", "name": "X", "tree": 1}]}, {"docs": [{"client": "f"}]}, {"relist": ["../x"]},
     {"clients": [{"id": "f" * 32, "code": "003", "name": "X", "tree": 2**63}]}],
    ids=repr,
)  # fmt: skip
def test_what_is_nobodys_is_not_the_portal(lab: Spoken, bad: dict[str, Any]) -> None:
    lab.deposit("Achats/new.pdf", b"new", "001")
    before, cursor = lab.files(), lab.state.progress.cursor()
    lab.spoil = lambda path, answer: {**answer, **bad} if path == "/hello" else answer
    summary = lab.passed()
    assert (summary["verdict"], summary["exit_code"], summary["reason"]) == ("abandoned", 6, "not_the_portal")
    assert lab.files() == before and lab.state.progress.cursor() == cursor and lab.asked == ["/hello"]
    lab.spoil = honest
    assert lab.passed()["verdict"] == "done" and (lab.dir("001") / "Achats/new.pdf").exists()


def test_changes_of_clients_nobody_spoke_of_are_nobodys(lab: Spoken) -> None:
    doc = {"id": "f" * 32, "path": "Achats/x.pdf", "version": 1, "content": json.loads(encode(Content(1, bytes(32))))}
    folder = {"id": "e" * 32, "path": "Achats/X"}
    stranger = {"docs": [{"client": "d" * 32, "doc": doc}], "folders": [{"client": "d" * 32, "folder": folder}]}
    lab.spoil = lambda path, answer: {**answer, **stranger} if path == "/hello" else answer
    assert lab.passed()["verdict"] == "done"


def test_a_name_that_would_drive_a_terminal_is_shown_escaped(lab: Spoken) -> None:
    client = {"id": lab.client("001"), "code": "001", "name": "SAS\x1b]0;x\x07 Dupont", "tree": 1}
    lab.spoil = lambda path, answer: {**answer, "clients": [client]} if path == "/hello" else answer
    lab.passed()
    (name,) = [r.name for r in lab.state.clients.all() if r.code == "001"]
    assert name.isprintable() and name.startswith("SAS\\u001b")


def test_one_result_that_is_none_is_its_own_documents(lab: Spoken) -> None:
    lab.write("Ventes/1.pdf", b"first", "001")
    lab.write("Ventes/2.pdf", b"second", "002")

    def spoil(path: str, answer: Any) -> Any:
        if path == "/put":
            answer["results"][0]["doc"]["path"] = "../../x"
        return answer

    lab.spoil = spoil
    summary = lab.passed()
    assert summary["verdict"] != "abandoned" and summary["uploaded"] == 1
    lab.spoil = honest
    lab.passed()
    assert lab.passed()["verdict"] == "done" and not lab.changes
