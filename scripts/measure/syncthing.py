"""Two Syncthings of this machine, which only ever speak to each other."""

from __future__ import annotations

import shutil
import subprocess
import time
import urllib.request
from pathlib import Path

from measure.ports import free_port

_DEVICE = '<device id="{id}" name="{name}"><address>tcp://127.0.0.1:{port}</address></device>'
_CONFIG = """<configuration version="36">
<folder id="tree" label="tree" path="{path}" type="sendreceive" rescanIntervalS="3600" fsWatcherEnabled="true" fsWatcherDelayS="{delay}">
<device id="{here}"/><device id="{there}"/></folder>
{devices}
<gui enabled="true" tls="false"><address>127.0.0.1:{gui}</address><apikey>bench</apikey></gui>
<options><listenAddress>tcp://127.0.0.1:{port}</listenAddress><globalAnnounceEnabled>false</globalAnnounceEnabled>
<localAnnounceEnabled>false</localAnnounceEnabled><relaysEnabled>false</relaysEnabled><natEnabled>false</natEnabled>
<startBrowser>false</startBrowser><urAccepted>-1</urAccepted><autoUpgradeIntervalH>0</autoUpgradeIntervalH>
<crashReportingEnabled>false</crashReportingEnabled><stunServer></stunServer><reconnectionIntervalS>1</reconnectionIntervalS></options>
</configuration>"""


class Syncthing:
    """Two of it, over two equal copies of a tree; a change on the first side appears on the second."""

    def __init__(self, base: Path, tree: Path, delay: int) -> None:
        self.sides = [base / "one", base / "two"]
        for side in self.sides:
            shutil.copytree(tree, side, ignore=shutil.ignore_patterns(".syncd*"))
            (side / ".stfolder").mkdir()
        homes, ports, self.guis = (
            [base / "home1", base / "home2"],
            [free_port(), free_port()],
            [free_port(), free_port()],
        )
        ids = []
        for home in homes:
            subprocess.run(
                ["syncthing", "generate", "--home", home, "--no-default-folder"], check=True, capture_output=True
            )
            ids.append(
                subprocess.run(
                    ["syncthing", "--home", home, "--device-id"], check=True, capture_output=True, text=True
                ).stdout.strip()
            )
        devices = "".join(
            _DEVICE.format(id=i, name=f"side {n}", port=p) for n, (i, p) in enumerate(zip(ids, ports, strict=True))
        )
        self.processes = []
        for n, home in enumerate(homes):
            text = _CONFIG.format(
                path=self.sides[n],
                delay=delay,
                here=ids[n],
                there=ids[1 - n],
                devices=devices,
                gui=self.guis[n],
                port=ports[n],
            )
            (home / "config.xml").write_text(text)
            self.processes.append(
                subprocess.Popen(
                    ["syncthing", "serve", "--home", home, "--no-browser", "--no-upgrade"],
                    stdout=subprocess.DEVNULL,
                    stderr=subprocess.DEVNULL,
                )
            )
        probe, deadline = "ready", time.monotonic() + 600
        (self.sides[0] / probe).write_bytes(b"x")
        while not (self.sides[1] / probe).exists():
            if time.monotonic() > deadline:
                raise TimeoutError("syncthing never became ready")
            time.sleep(0.2)
        time.sleep(3)

    def idle(self) -> str:
        """What its own interface says of the first side's folder."""
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.guis[0]}/rest/db/status?folder=tree", headers={"X-API-Key": "bench"}
        )
        with urllib.request.urlopen(request) as answer:
            return str(answer.read().decode())

    def close(self) -> None:
        for process in self.processes:
            process.terminate()
        for process in self.processes:
            process.wait()
