"""The rows of tests/rows on loops, FUSE disks, and in a User-Mode-Linux guest, which has disks that this kernel lacks.

Installs what it needs (apt, as root). Whatever it mounted or started is taken down again by a process that outlives it,
also when it is killed.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

REPO = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(REPO))
GUEST = ("vfat", "cifs", "nfs4")
PACKAGES = {
    "xfs": ("xfsprogs",), "btrfs": ("btrfs-progs",), "overlay": (), "tmpfs": (), "ntfs-3g": ("ntfs-3g",),
    "exfat-fuse": ("exfat-fuse", "exfatprogs"), "sshfs": ("sshfs", "openssh-server"),
    "vfat": ("user-mode-linux", "kmod", "dosfstools"), "cifs": ("user-mode-linux", "kmod", "samba", "cifs-utils"),
    "nfs4": ("user-mode-linux", "kmod", "nfs-kernel-server", "nfs-common"),
}  # fmt: skip
SIZE = 400_000_000
DEADLINE = 3000.0  # seconds for the guest, and for each disk here


@dataclass
class Told:
    """What became of one disk: rows as tests.rows prints them, or why it was not tried."""

    rows: list[dict[str, object]]
    why: str = ""


def main() -> None:
    asked = argparse.ArgumentParser(prog="scripts/test-disks", description=__doc__)
    asked.add_argument("disks", nargs="*", metavar="DISK", help=", ".join(PACKAGES))
    asked.add_argument("--only", default="", help="rows whose name holds this")
    asked.add_argument("--sweep", metavar="DIR", help=argparse.SUPPRESS)
    options = asked.parse_args()
    if options.sweep:
        sys.stdin.read()
        sweep(Path(options.sweep))
        return
    if unknown := set(options.disks) - set(PACKAGES):
        sys.exit(f"test-disks: no disk {', '.join(sorted(unknown))}; there are {', '.join(PACKAGES)}")
    if os.geteuid():
        sys.exit("test-disks: mounting needs root")
    disks = options.disks or list(PACKAGES)
    install(disks)
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: sys.exit(130))
    began = time.monotonic()
    with swept() as base:
        told = tell(base, disks, options.only)
    print(table(told))
    print(f"\n{(time.monotonic() - began) / 60:.1f} minutes, {os.cpu_count()} processors")
    sys.exit(any(each.why or not all(row["held"] for row in each.rows) for each in told.values()))


def install(disks: list[str]) -> None:
    wanted = sorted({package for disk in disks for package in PACKAGES[disk]})
    missing = [p for p in wanted if subprocess.run(["dpkg", "-s", p], capture_output=True).returncode]
    if missing:
        print(f"installing {', '.join(missing)}", file=sys.stderr)
        env = {**os.environ, "DEBIAN_FRONTEND": "noninteractive", "RUNLEVEL": "1"}
        subprocess.run(["apt-get", "update", "-qq"], check=True, env=env, stdout=subprocess.DEVNULL)
        subprocess.run(
            ["apt-get", "install", "-y", "-qq", "--no-install-recommends", *missing],
            check=True,
            env=env,
            stdout=subprocess.DEVNULL,
        )


# -- what is taken down again ------------------------------------------------------------------------------------------------


@contextlib.contextmanager
def swept() -> Iterator[Path]:
    """A directory below which everything is mounted; taken down, and removed, once this process has ended, however it did."""
    base = Path(tempfile.mkdtemp(prefix="syncd-disks-", dir="/var/tmp"))
    (base / "out").mkdir()
    broom = subprocess.Popen(
        [sys.executable, __file__, "--sweep", str(base)], stdin=subprocess.PIPE, start_new_session=True
    )
    try:
        yield base
    finally:
        assert broom.stdin is not None
        broom.stdin.close()
        broom.wait()


def sweep(base: Path) -> None:
    for pid in (int(line) for file in base.glob("*.pid") for line in file.read_text().split()):
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    time.sleep(0.2)
    for _ in range(3):
        mounts = [line.split()[4] for line in Path("/proc/self/mountinfo").read_text().splitlines()]
        for at in sorted((m for m in mounts if m.startswith(f"{base}/")), reverse=True):
            subprocess.run(["umount", "-l", at], capture_output=True)
    loops = subprocess.run(["losetup", "-n", "-O", "NAME,BACK-FILE"], capture_output=True, text=True).stdout
    for line in loops.splitlines():
        name, _, file = line.partition(" ")
        if file.strip().startswith(f"{base}/"):
            subprocess.run(["losetup", "-d", name], capture_output=True)
    shutil.rmtree(base, ignore_errors=True)


def started(base: Path, name: str, command: list[str], **options: object) -> subprocess.Popen[bytes]:
    child = subprocess.Popen(command, start_new_session=True, **options)  # type: ignore[call-overload]
    (base / f"{name}.pid").write_text(str(child.pid))
    return child  # type: ignore[no-any-return]


# -- the disks ---------------------------------------------------------------------------------------------------------------


def tell(base: Path, disks: list[str], only: str) -> dict[str, Told]:
    """As many at a time as there are processors; those that take longest, each in a guest of its own, first."""
    longest_first = sorted(disks, key=lambda disk: disk not in GUEST)
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        telling = {
            disk: pool.submit(in_guest if disk in GUEST else on_host, base, disk, only) for disk in longest_first
        }
        return {disk: telling[disk].result() for disk in disks}


def on_host(base: Path, disk: str, only: str) -> Told:
    at, out = base / disk, base / "out" / disk
    at.mkdir()
    try:
        mounting = mounted(base, disk, at)
    except (subprocess.CalledProcessError, FileNotFoundError) as e:
        said = getattr(e, "stderr", b"") or b""
        return Told([], f"{e} {said.decode(errors='replace').strip()}")
    command = [sys.executable, "-m", "tests.rows", str(at / "rows"), "--out", str(out), "--only", only]
    with (base / "out" / f"{disk}.log").open("w") as log:
        teller = started(
            base,
            f"rows-{disk}",
            [*command, "--mount", mounting, "--unmount", f"umount {at}"],
            cwd=REPO,
            stdout=log,
            stderr=log,
        )
        try:
            teller.wait(DEADLINE)
        except subprocess.TimeoutExpired:
            teller.kill()
            return Told(read(out), "it took too long")
    subprocess.run(["umount", "-l", str(at)], capture_output=True)
    return Told(read(out), "" if teller.returncode in (0, 1) else (base / "out" / f"{disk}.log").read_text()[-500:])


def mounted(base: Path, disk: str, at: Path) -> str:
    """Mounts it; the command that does so again."""
    match disk:
        case "xfs" | "btrfs":
            command = f"mount {loop(base, disk, [f'mkfs.{disk}', '-q'])} {at}"
        case "ntfs-3g":
            command = f"ntfs-3g {loop(base, disk, ['mkfs.ntfs', '-q', '-F'])} {at}"
        case "exfat-fuse":
            command = f"mount.exfat-fuse {loop(base, disk, ['mkfs.exfat'])} {at}"
        case "tmpfs":  # what it holds goes with it: another way into it is taken away
            command = f"mount --bind {memory(base, disk)} {at}"
        case "overlay":
            below = memory(base, disk)
            for name in ("lower", "upper", "work"):
                (below / name).mkdir()
            layers = f"lowerdir={below}/lower,upperdir={below}/upper,workdir={below}/work"
            command = f"mount -t overlay overlay -o {layers} {at}"
        case _:
            command = sshfs(base, at)
    subprocess.run(command.split(), check=True, capture_output=True)
    return command


def loop(base: Path, disk: str, make: list[str]) -> str:
    image = base / f"{disk}.img"
    image.touch()
    os.truncate(image, SIZE)
    subprocess.run([*make, str(image)], check=True, capture_output=True)
    found = subprocess.run(["losetup", "-f", "--show", str(image)], check=True, capture_output=True, text=True)
    return found.stdout.strip()


def memory(base: Path, disk: str) -> Path:
    at = base / f"{disk}-memory"
    at.mkdir()
    subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={SIZE}", "syncd-disks", str(at)], check=True, capture_output=True
    )
    return at


def sshfs(base: Path, at: Path) -> str:
    keys, served = base / "ssh", base / "served"
    keys.mkdir(mode=0o700)
    served.mkdir()
    for name in ("host", "key"):
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(keys / name)], check=True)
    shutil.copy(keys / "key.pub", keys / "authorized")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    Path("/run/sshd").mkdir(exist_ok=True)
    settings = {
        "Port": port, "ListenAddress": "127.0.0.1", "HostKey": keys / "host", "AuthorizedKeysFile": keys / "authorized",
        "PidFile": "none", "StrictModes": "no", "UsePAM": "no", "PermitRootLogin": "yes", "Subsystem": "sftp internal-sftp",
    }  # fmt: skip
    (keys / "settings").write_text("".join(f"{k} {v}\n" for k, v in settings.items()))
    started(base, "sshd", ["/usr/sbin/sshd", "-D", "-f", str(keys / "settings")])
    for _ in range(100):
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            break
        time.sleep(0.1)
    options = f"IdentityFile={keys / 'key'},StrictHostKeyChecking=no,UserKnownHostsFile=/dev/null"
    return f"sshfs -p {port} -o {options} root@127.0.0.1:{served} {at}"


# -- the guest ---------------------------------------------------------------------------------------------------------------

# Its own root is this machine's, below a layer in memory: what daemons write there goes with it. Results are in /tmp/out.
INIT = """#!/bin/bash
export PATH=/usr/sbin:/usr/bin:/sbin:/bin
mount -t proc proc /proc
insmod $(find /usr/lib/uml/modules/$(uname -r) -name overlay.ko)
mount -t tmpfs tmp /mnt
mkdir /mnt/up /mnt/work /mnt/root
mount -t overlay over -o lowerdir=/,upperdir=/mnt/up,workdir=/mnt/work /mnt/root
cd /mnt/root
mkdir -p proc sys dev run tmp usr/lib/modules
mount -t proc proc proc; mount -t sysfs sys sys; mount -t devtmpfs dev dev
mkdir -p dev/shm
for at in dev/shm run tmp; do mount -t tmpfs memory $at; done
mkdir -p tmp/out; mount --bind {out} tmp/out; mount --bind /usr/lib/uml/modules usr/lib/modules
exec chroot . /bin/bash /tmp/out/guest.sh
"""
BEGIN = """export PATH=/usr/sbin:/usr/bin:/sbin:/bin
ip link set lo up
for module in loop vfat nls_cp437 nls_ascii nls_utf8 nls_iso8859-1 cifs nfsd nfsv4; do modprobe $module; done
cd {repo}
rows() { {python} -m tests.rows $1/rows --out /tmp/out/rows --only '{only}' --mount "$2" --unmount "umount $1" > /tmp/out/log 2>&1; }
"""
DISKS = {
    "vfat": """
mkdir /tmp/vfat; truncate -s 400M /tmp/vfat.img; mkfs.vfat /tmp/vfat.img > /dev/null
D=$(losetup -f --show /tmp/vfat.img)
mount -o utf8 $D /tmp/vfat && rows /tmp/vfat "mount -o utf8 $D /tmp/vfat"
""",
    "cifs": """
mkdir -p /tmp/share /tmp/cifs /var/log/samba /run/samba /var/lib/samba/private
cat > /tmp/smb.conf <<X
[global]
 server role = standalone server
 interfaces = lo
 bind interfaces only = yes
 smb ports = 445
 disable netbios = yes
 load printers = no
[share]
 path = /tmp/share
 writable = yes
 force user = root
X
(echo pw; echo pw) | smbpasswd -c /tmp/smb.conf -s -a root; smbd -D -s /tmp/smb.conf; sleep 2
C="mount -t cifs //127.0.0.1/share /tmp/cifs -o username=root,password=pw,vers=3.1.1,iocharset=utf8"
$C && rows /tmp/cifs "$C"
""",
    "nfs4": """
mkdir -p /tmp/exported /tmp/nfs4 /var/lib/nfs; mount -t tmpfs exported /tmp/exported; mount -t nfsd nfsd /proc/fs/nfsd
echo "/tmp/exported 127.0.0.1(rw,no_root_squash,fsid=0,insecure,no_subtree_check)" > /etc/exports
rpcbind; exportfs -ra; rpc.nfsd -G 10 -L 10; rpc.mountd; sleep 1
N="mount -t nfs4 -o vers=4.2 127.0.0.1:/ /tmp/nfs4"
$N && rows /tmp/nfs4 "$N"
""",
}
END = "echo o > /proc/sysrq-trigger; sleep 10\n"


def in_guest(base: Path, disk: str, only: str) -> Told:
    out = base / "out" / disk
    out.mkdir()
    begin = BEGIN.replace("{repo}", str(REPO)).replace("{python}", sys.executable).replace("{only}", only)
    (out / "guest.sh").write_text(begin + DISKS[disk] + END)
    init = out / "init"
    init.write_text(INIT.replace("{out}", str(out)))
    init.chmod(0o755)
    command = [
        "linux.uml", "mem=2500M", "rootfstype=hostfs", "rootflags=/", "rw", f"init={init}", "con=null", "con0=fd:0,fd:1",
    ]  # fmt: skip
    late = ""
    with (out / "guest.log").open("wb") as log:
        guest = started(base, f"guest-{disk}", command, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        try:
            guest.wait(DEADLINE)
        except subprocess.TimeoutExpired:
            os.killpg(guest.pid, signal.SIGKILL)
            late = "the guest took too long"
    rows, said = read(out / "rows"), (out / "guest.log").read_bytes().decode(errors="replace")[-800:]
    return Told(rows, late or ("" if rows else f"the guest said: {said}"))


# -- what is said ------------------------------------------------------------------------------------------------------------


def read(out: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in out.read_text().splitlines()] if out.exists() else []


def table(told: dict[str, Told]) -> str:
    lines = ["| disk | basic | extra | held in a weaker way | did not hold | s |", "|---|---|---|---|---|---|"]
    for disk, each in told.items():
        held = {
            kind: f"{sum(bool(r['held']) for r in each.rows if r['kind'] == kind)} of {sum(r['kind'] == kind for r in each.rows)}"
            for kind in ("basic", "extra")
        }
        weaker = " · ".join(f"{r['row']}: {r['instead']}" for r in each.rows if r["instead"]) or "–"
        not_held = " · ".join(
            [*(f"{r['row']}: {r['why']}" for r in each.rows if not r["held"]), *([each.why] if each.why else [])]
        )
        took = round(sum(float(str(r["seconds"])) for r in each.rows))
        cells = (
            disk,
            held["basic"],
            held["extra"],
            weaker,
            not_held.replace("\n", " ").replace("|", "\\|") or "nothing",
            took,
        )
        lines.append(f"| {' | '.join(map(str, cells))} |")
    return "\n".join(lines)


if __name__ == "__main__":
    main()
