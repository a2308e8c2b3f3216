"""A fresh Debian machine to install on: this one's system read-only beneath, everything else of its own.

Its own file tree (an overlay that is gone afterwards), processes, network and systemd: the package's units are started by
what starts them at a cabinet. Needs root on Debian 12 with systemd and nginx; `missing()` says what is not there.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from email.message import EmailMessage
from pathlib import Path

NEEDED = ("/lib/systemd/systemd", "/usr/bin/systemctl", "/usr/bin/python3.11", "/usr/sbin/nginx", "/usr/bin/dpkg", "/usr/bin/openssl")  # fmt: skip
MASKED = (
    "systemd-udevd", "systemd-udev-trigger", "systemd-sysctl", "systemd-modules-load", "systemd-binfmt", "systemd-timesyncd",
    "systemd-random-seed", "systemd-remount-fs", "systemd-hwdb-update", "systemd-machine-id-commit", "systemd-networkd",
    "systemd-resolved", "getty@", "console-getty", "systemd-logind", "ldconfig", "systemd-firstboot", "systemd-pstore",
    "systemd-boot-system-token", "systemd-tmpfiles-setup-dev", "systemd-sysusers", "systemd-journal-flush", "dbus",
    "systemd-update-utmp", "systemd-update-utmp-runlevel", "systemd-journal-catalog-update", "systemd-update-done",
)  # fmt: skip
MOUNTS = (
    "dev-hugepages",
    "dev-mqueue",
    "sys-kernel-debug",
    "sys-kernel-tracing",
    "sys-kernel-config",
    "sys-fs-fuse-connections",
)
PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

BOOT = r"""
set -eu
mount -t tmpfs -o mode=755,size=3g tmpfs "$BASE"
mkdir "$BASE/up" "$BASE/work" "$BASE/root"
mount -t overlay overlay -o "lowerdir=/,upperdir=$BASE/up,workdir=$BASE/work" "$BASE/root"
cd "$BASE/root"
mount -t proc proc proc
mount --bind proc/sys proc/sys
mount -o remount,bind,ro proc/sys
mount -t sysfs -o ro sysfs sys
mount -t cgroup2 cgroup2 sys/fs/cgroup
for at in run tmp var/tmp; do mount -t tmpfs -o mode=1777 tmpfs $at; done
mount -t tmpfs -o mode=755 tmpfs dev
for node in null zero full random urandom tty; do : > dev/$node; mount --bind /dev/$node dev/$node; done
mkdir dev/shm dev/pts; mount -t tmpfs -o mode=1777 tmpfs dev/shm; mount -t devpts -o newinstance,ptmxmode=666 devpts dev/pts
ln -s pts/ptmx dev/ptmx; ln -s /proc/self/fd dev/fd; ln -s fd/0 dev/stdin; ln -s fd/1 dev/stdout; ln -s fd/2 dev/stderr
for unit in $MASKED; do ln -sfn /dev/null etc/systemd/system/$unit; done
rm -rf etc/systemd/system/*.wants usr/sbin/policy-rc.d var/log/journal
printf '[Unit]\nDescription=up\nRequires=basic.target\nAfter=basic.target\nAllowIsolate=yes\n' > etc/systemd/system/up.target
printf '127.0.0.1 localhost %s\n' "$NAMES" > etc/hosts
echo cabinet > etc/hostname; : > etc/machine-id
hostname cabinet
mount --make-rshared .
exec env -i container=tree PATH="$PATH" chroot . /lib/systemd/systemd --system --unit=up.target --log-target=null
"""


def missing() -> str:
    """'' where a machine can be made; else why not."""
    if os.geteuid() != 0:
        return "only root can make a machine to install on"
    if absent := [p for p in NEEDED if not Path(p).exists()]:
        return f"a machine to install on needs {', '.join(absent)}"
    done = subprocess.run(["unshare", "-mpnuiC", "--fork", "true"], capture_output=True, text=True)
    return f"no namespaces here ({done.stderr.strip()})" if done.returncode else ""


class Machine:
    """`names`: host names that are this machine's."""

    def __init__(self, base: Path, *names: str) -> None:
        self.base = base / "machine"
        self.base.mkdir()
        masked = [*(f"{u}.service" for u in MASKED), *(f"{u}.mount" for u in MOUNTS), "systemd-udevd-kernel.socket",
                  "systemd-udevd-control.socket", "dbus.socket", "tmp.mount"]  # fmt: skip
        environ = {"BASE": str(self.base), "PATH": PATH, "MASKED": " ".join(masked), "NAMES": " ".join(names)}
        with (base / "boot.log").open("w") as log:
            self._outer = subprocess.Popen(
                ["unshare", "-mpnuiC", "--propagation", "private", "--fork", "--kill-child", "bash", "-c", BOOT],
                env=environ, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=log,
            )  # fmt: skip
        self.pid, self._more = 0, list[subprocess.Popen[bytes]]()
        end = time.monotonic() + 60
        while not self._up():
            if self._outer.poll() is not None or time.monotonic() > end:
                self.close()
                raise RuntimeError(f"the machine did not start: {(base / 'boot.log').read_text()[-2000:]}")
            time.sleep(0.1)

    def _up(self) -> bool:
        if not self.pid:
            children = Path(f"/proc/{self._outer.pid}/task/{self._outer.pid}/children").read_text().split()
            self.pid = int(children[0]) if children else 0
        if not self.pid or Path(f"/proc/{self.pid}/comm").read_text().strip() != "systemd":
            return False
        return self.type("systemctl is-active --quiet up.target", ok=None).returncode == 0

    def enter(self, *what: str) -> list[str]:
        return ["nsenter", "-t", str(self.pid), *(what or ("-m", "-u", "-i", "-n", "-p", "-C", "-r", "-w")), "--"]

    def type(
        self, line: str, *, user: str = "root", ok: int | None = 0, stdin: str = "", cwd: str = "/root", **environ: str
    ) -> subprocess.CompletedProcess[str]:
        """A line in a shell of that account. `ok`: the exit code it must have; None: any."""
        clean = {"PATH": PATH, "LANG": "C.UTF-8", "HOME": "/root" if user == "root" else "/", "TERM": "dumb", **environ}
        become = [] if user == "root" else ["setpriv", f"--reuid={user}", f"--regid={user}", "--init-groups"]
        done = subprocess.run(
            [*self.enter(), "env", "-i", *(f"{k}={v}" for k, v in clean.items()), *become, "bash", "-c", f"cd {cwd}; {line}"],
            capture_output=True, text=True, timeout=600,
            input=stdin or ("\n" if line.startswith("apt ") else ""),  # "Do you want to continue? [Y/n]"
        )  # fmt: skip
        assert ok is None or done.returncode == ok, (
            f"{line}\n{done.returncode}\n{done.stdout}{done.stderr}\n{self.log()}"
        )
        return done

    def log(self) -> str:
        return self.type("journalctl --no-pager -n 60 -u 'syncd*' -u nginx", ok=None).stdout

    def path(self, path: str) -> Path:
        """A file of the machine, as seen from here."""
        return Path(f"/proc/{self.pid}/root") / path.lstrip("/")

    def bring(self, file: Path, to: str) -> None:
        target = self.path(to)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(file, target)

    def close(self) -> None:
        for process in (*self._more, self._outer):  # and, with the last, its systemd: everything in it ends
            process.kill()
            process.wait()

    def authority(self, place: str, host: str) -> None:
        """An authority of the cabinet's own, and the certificate of `host` by it."""
        new = "openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes"
        self.type(
            f"mkdir -p {place} && cd {place} && "
            f"{new} -x509 -days 30 -subj '/CN=Cabinet Martin' -keyout autorite.key -out autorite.pem && "
            f"{new} -subj /CN={host} -keyout plateforme.key -out request && "
            f"openssl x509 -req -in request -CA autorite.pem -CAkey autorite.key -CAcreateserial -days 30 "
            f"-extfile <(echo subjectAltName=DNS:{host}) -out plateforme.pem"
        )

    def mail(self) -> Mailbox:
        """A mail server of this machine's port 25, until the machine is closed."""
        box = Mailbox(self, self.base.parent / "mails")
        self._more.append(box.process)
        return box


class Mailbox:
    """Every mail that was taken, whoever it is to."""

    def __init__(self, machine: Machine, place: Path) -> None:
        self._place = place
        self.process = subprocess.Popen(
            [*machine.enter("-n"), sys.executable, "-m", "aiosmtpd", "-n", "-l", "127.0.0.1:25", "-c", "aiosmtpd.handlers.Mailbox", str(place)],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip

    def all(self) -> list[EmailMessage]:
        import email.policy

        files = sorted(self._place.glob("new/*"), key=lambda p: p.stat().st_mtime_ns)
        return [email.message_from_bytes(f.read_bytes(), policy=email.policy.default) for f in files]

    def wait(self, words: str, seconds: float = 40) -> EmailMessage:
        """The first mail whose subject has these words."""
        end = time.monotonic() + seconds
        while True:
            for message in self.all():
                if words in str(message["Subject"]):
                    return message
            assert time.monotonic() < end, [str(m["Subject"]) for m in self.all()]
            time.sleep(0.1)
