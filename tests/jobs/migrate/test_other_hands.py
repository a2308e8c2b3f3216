"""What others make of a client's directory meanwhile stays with that client, or with that document."""

from __future__ import annotations

import os

import pytest
from msgspec.structs import replace

from syncd.core.paths import DiskPath
from syncd.jobs.migrate.values import Parts
from syncd.local.mirror_copies import DiskMirrorCopies
from tests.jobs.migrate.office import Office, errors


@pytest.mark.parametrize("what", ["marker", "directory"])
def test_a_client_s_directory_that_is_no_such_thing_stops_that_client_alone(office: Office, what: str) -> None:
    office.write("001/2025/Achats/a.pdf")
    office.write("002/2025/Achats/a.pdf")
    at = office.lab.dir("001")
    if what == "marker":
        (at / ".syncd/client.json").unlink()
        os.mkfifo(at / ".syncd/client.json")
    else:
        at.rename(at.with_name("elsewhere"))
        at.symlink_to("elsewhere")
    report = office.migrate()
    assert (office.of(report, "001").copied, office.of(report, "002").copied) == (0, 1)
    assert "stop_client_marker" in str(office.of(report, "001"))


def test_a_folder_that_becomes_a_file_at_the_very_moment_keeps_that_document_alone(office: Office) -> None:
    office.write("001/2025/Achats/a.pdf")
    office.write("001/Juridique/b.pdf")

    def around(parts: Parts) -> Parts:
        class Swapped(DiskMirrorCopies):
            def place(self, client: str, temp: str, disk: DiskPath) -> None:
                if disk.startswith("Achats"):
                    office.lab.dir("001").joinpath("Achats/2025").write_bytes(b"a person's")
                super().place(client, temp, disk)

        return replace(parts, copies=Swapped(str(office.lab.root)))

    office.wrap = around
    report = office.of(office.migrate())
    assert errors(report) == {"001/2025/Achats/a.pdf": "not_a_folder"} and report.copied == 1
