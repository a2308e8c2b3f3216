"""The service on Windows: asked of the service manager, and the process that it starts.

The account is `NT SERVICE\\syncd` unless another is asked for: Windows makes it with the service, it has no password and no
rights but those given here, on the mirror, the state, the logs and the key. LocalSystem could do everything on the server.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import struct
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from importlib import import_module
from typing import Any, NamedTuple

from syncd.cli.output import language
from syncd.core.errors import SyncdError, UsageError
from syncd.core.words import administration as said

NAME, RUNNING = "syncd", 4  # the state of a service that works
VIRTUAL = rf"NT SERVICE\{NAME}"
STOPPING = 60.0  # seconds that a document in hand has: large ones go on where they were at the next start
_EVENTS = rf"SYSTEM\CurrentControlSet\Services\EventLog\Application\{NAME}"
_EXISTS, _DENIED, _MISSING, _NOT_RUNNING, _ENDING, _TOO_SLOW, _SPECIFIC = 1073, 5, 1060, 1062, 1061, 1053, 1066
_MODIFY, _READ = 0x1301BF, 0x1200A9  # as icacls' M and RX


def _api(name: str) -> Any:
    import_module("pywintypes")  # the others find their library through it
    return import_module(name)


class Right(NamedTuple):
    """What the service's account is given on a path."""

    path: str
    write: bool
    below: bool = False  # and on the engine's own directories inside


def command_line(command: list[str]) -> str:
    """One text, as the service manager takes it: the program always quoted, since a path may hold spaces."""
    return f'"{command[0]}" {subprocess.list2cmdline(command[1:])}'


# -- asked of the service manager ------------------------------------------------------------------------------------------


@contextlib.contextmanager
def _manager(access: int) -> Iterator[tuple[Any, Any]]:
    service, faults = _api("win32service"), _api("pywintypes")
    try:
        held = service.OpenSCManager(None, None, access)
        try:
            yield service, held
        finally:
            service.CloseServiceHandle(held)
    except faults.error as e:
        if e.winerror == _DENIED:
            raise UsageError("Windows does not allow this.", mend="Open the command line as administrator.") from None
        raise SyncdError(f"The service manager refuses: {e.strerror} ({e.winerror}).") from None


def install(command: list[str], account: str, password: str | None, rights: list[Right], *, start: bool) -> int:
    """Make the service, or make it anew as this says; its state afterwards. Raises UsageError, SyncdError."""
    with _manager(0xF003F) as (service, manager):
        line, name = command_line(command), None if account.lower() == "localsystem" else account
        what = (service.SERVICE_WIN32_OWN_PROCESS, service.SERVICE_AUTO_START, service.SERVICE_ERROR_NORMAL)
        faults = _api("pywintypes")
        try:
            held = service.CreateService(
                manager,
                NAME,
                said.TITLE(language()),
                service.SERVICE_ALL_ACCESS,
                *what,
                line,
                None,
                0,
                None,
                name,
                password,
            )
        except faults.error as e:
            if e.winerror != _EXISTS:
                raise
            held = service.OpenService(manager, NAME, service.SERVICE_ALL_ACCESS)
            _stopped(service, held)
            service.ChangeServiceConfig(
                held, *what, line, None, 0, None, name or "LocalSystem", password, said.TITLE(language())
            )
        try:
            _described(service, held)
            if name is not None:
                _may_be_a_service(name)
                for right in rights:
                    give(right, name)
            _event_source()
            if start:
                _started(service, held)
            return int(service.QueryServiceStatus(held)[1])
        finally:
            service.CloseServiceHandle(held)


def _described(service: Any, held: Any) -> None:
    restart = service.SC_ACTION_RESTART
    wanted: list[tuple[str, Any]] = [
        ("SERVICE_CONFIG_DESCRIPTION", "Keeps the client folders and the cabinet's portal the same."),
        ("SERVICE_CONFIG_FAILURE_ACTIONS", {
            "ResetPeriod": 86_400, "RebootMsg": "", "Command": "",
            "Actions": [(restart, 10_000), (restart, 60_000), (restart, 900_000)],
        }),
        ("SERVICE_CONFIG_FAILURE_ACTIONS_FLAG", True),  # an end with a fault counts, not only a crash
        ("SERVICE_CONFIG_DELAYED_AUTO_START_INFO", True),  # after the network and the disks
        ("SERVICE_CONFIG_SERVICE_SID_INFO", 1),  # the account's own number, which rights are given to
        ("SERVICE_CONFIG_REQUIRED_PRIVILEGES_INFO", ["SeChangeNotifyPrivilege"]),
        ("SERVICE_CONFIG_PRESHUTDOWN_INFO", int(STOPPING * 1000)),
    ]  # fmt: skip
    faults = _api("pywintypes")
    for what, value in wanted:
        with contextlib.suppress(faults.error, AttributeError):  # one that this Windows does not know is left out
            service.ChangeServiceConfig2(held, getattr(service, what), value)


def _started(service: Any, held: Any) -> None:
    if service.QueryServiceStatus(held)[1] == service.SERVICE_RUNNING:
        return
    faults = _api("pywintypes")
    for again in range(3, -1, -1):
        try:
            service.StartService(held, None)
            break
        except faults.error as e:
            if e.winerror != _TOO_SLOW or not again:
                raise  # else: what a cold disk had to read is read now
    _until(service, held, service.SERVICE_RUNNING, 30)


def _stopped(service: Any, held: Any) -> None:
    """Raises SyncdError when it does not end."""
    faults = _api("pywintypes")
    try:
        service.ControlService(held, service.SERVICE_CONTROL_STOP)
    except faults.error as e:
        if e.winerror not in (_NOT_RUNNING, _ENDING):
            raise
    if not _until(service, held, service.SERVICE_STOPPED, STOPPING + 10):
        raise SyncdError("The service does not end.", mend="Wait for the document in hand, then try again.")


def _until(service: Any, held: Any, state: int, seconds: float) -> bool:
    end = time.monotonic() + seconds
    while (now := service.QueryServiceStatus(held)[1]) != state:
        if time.monotonic() > end or (state == service.SERVICE_RUNNING and now == service.SERVICE_STOPPED):
            return False
        time.sleep(0.2)
    return True


def uninstall() -> bool:
    """Stop and remove it; False when there was none."""
    with _manager(0xF003F) as (service, manager):
        faults = _api("pywintypes")
        try:
            held = service.OpenService(manager, NAME, service.SERVICE_ALL_ACCESS)
        except faults.error as e:
            if e.winerror == _MISSING:
                return False
            raise
        try:
            _stopped(service, held)
            service.DeleteService(held)
        finally:
            service.CloseServiceHandle(held)
    import winreg as registry

    reg: Any = registry
    with contextlib.suppress(OSError):
        reg.DeleteKey(reg.HKEY_LOCAL_MACHINE, _EVENTS)
    return True


class Status(NamedTuple):
    """`state`: as Windows numbers it. `automatic`: it starts with the system."""

    state: int
    running: bool
    process: int
    automatic: bool
    account: str
    command: str


def status() -> Status | None:
    """None: there is no such service."""
    with _manager(0x0001 | 0x0004) as (service, manager):
        faults = _api("pywintypes")
        try:
            held = service.OpenService(manager, NAME, 0x0001 | 0x0004)
        except faults.error as e:
            if e.winerror == _MISSING:
                return None
            raise
        try:
            now, known = service.QueryServiceStatusEx(held), service.QueryServiceConfig(held)
            automatic = known[1] == service.SERVICE_AUTO_START
            state = int(now["CurrentState"])
            return Status(
                state, state == service.SERVICE_RUNNING, int(now["ProcessId"]),
                automatic, known[7] or "LocalSystem", known[3],
            )  # fmt: skip
        finally:
            service.CloseServiceHandle(held)


# -- rights of its account -------------------------------------------------------------------------------------------------


def number_of(service: str) -> str:
    """The number (SID) that Windows gives a service's own account: made from its name, known before there is one."""
    made = hashlib.sha1(service.upper().encode("utf-16-le"), usedforsecurity=False).digest()
    return "S-1-5-80-" + "-".join(str(n) for n in struct.unpack("<5I", made))


def _may_be_a_service(account: str) -> None:
    """A person's or domain's account is allowed to: services' own accounts are from the beginning."""
    if account.lower() == VIRTUAL.lower():
        return
    security, faults = _api("win32security"), _api("pywintypes")
    try:
        who = security.LookupAccountName(None, account)[0]
        policy = security.LsaOpenPolicy(None, security.POLICY_LOOKUP_NAMES | security.POLICY_CREATE_ACCOUNT)
        security.LsaAddAccountRights(policy, who, ("SeServiceLogonRight",))
    except faults.error as e:
        raise UsageError(
            f"{account} cannot be made a service's account ({e.strerror}).",
            mend="Write it as DOMAIN\\name; is it there?",
        ) from None


def give(right: Right, account: str) -> None:
    """One more entry in the path's access list, inherited below; nobody loses anything. UsageError."""
    security, faults = _api("win32security"), _api("pywintypes")
    try:
        if account.lower() == VIRTUAL.lower():
            who = security.ConvertStringSidToSid(number_of(NAME))
        else:
            who = security.LookupAccountName(None, account)[0]
        for path in (right.path, *(_own_below(right.path) if right.below else ())):
            _entered(security, path, who, _MODIFY if right.write else _READ)
    except faults.error as e:
        raise UsageError(
            f"'{right.path}': {account} cannot be given rights there ({e.strerror}).",
            mend="Give it the right to change in the folder's properties, then install again.",
        ) from None


def _entered(security: Any, path: str, who: Any, mask: int) -> None:
    held = security.GetNamedSecurityInfo(path, security.SE_FILE_OBJECT, security.DACL_SECURITY_INFORMATION)
    listed = held.GetSecurityDescriptorDacl() or security.ACL()
    inherited = security.SUB_CONTAINERS_AND_OBJECTS_INHERIT if os.path.isdir(path) else security.NO_INHERITANCE  # noqa: PTH112
    trustee = {
        "TrusteeForm": security.TRUSTEE_IS_SID, "TrusteeType": security.TRUSTEE_IS_UNKNOWN, "Identifier": who,
        "MultipleTrustee": None, "MultipleTrusteeOperation": 0,  # NO_MULTIPLE_TRUSTEE
    }  # fmt: skip
    listed.SetEntriesInAcl([
        {"AccessPermissions": mask, "AccessMode": security.GRANT_ACCESS, "Inheritance": inherited, "Trustee": trustee}
    ])  # fmt: skip
    security.SetNamedSecurityInfo(
        path, security.SE_FILE_OBJECT, security.DACL_SECURITY_INFORMATION, None, None, listed, None
    )


def _own_below(root: str) -> Iterator[str]:
    """The engine's own directories, which inherit nothing: made by an administrator's first run, the service needs them."""
    with os.scandir(root) as found:
        tops = [root, *(e.path for e in found if e.is_dir(follow_symlinks=False))]
    for top in tops:
        own = os.path.join(top, ".syncd")  # noqa: PTH118
        if os.path.isdir(own) and not os.path.islink(own):  # noqa: PTH112, PTH114
            for at, _, files in os.walk(own):
                yield at
                yield from (os.path.join(at, f) for f in files)  # noqa: PTH118


# -- the event log ---------------------------------------------------------------------------------------------------------


def _event_source() -> None:
    """Lines are shown as they are by a library that every Windows has: what was said stays readable without syncd."""
    import winreg as registry

    reg: Any = registry
    with contextlib.suppress(OSError), reg.CreateKey(reg.HKEY_LOCAL_MACHINE, _EVENTS) as key:
        reg.SetValueEx(key, "EventMessageFile", 0, reg.REG_EXPAND_SZ, r"%SystemRoot%\System32\EventCreate.exe")
        reg.SetValueEx(key, "TypesSupported", 0, reg.REG_DWORD, 7)


def event(kind: str, number: int, text: str) -> None:
    """A line in Windows' log (Application, source syncd)."""
    log, faults = _api("win32evtlog"), _api("pywintypes")
    kinds = {"information": log.EVENTLOG_INFORMATION_TYPE, "warning": log.EVENTLOG_WARNING_TYPE}
    with contextlib.suppress(faults.error):  # a full or closed log stops nothing
        held = log.RegisterEventSource(None, NAME)
        try:
            log.ReportEvent(held, kinds.get(kind, log.EVENTLOG_ERROR_TYPE), 0, number, None, [text], None)
        finally:
            log.DeregisterEventSource(held)


# -- the process that the service manager starts ---------------------------------------------------------------------------


class Hosted:
    """`work()` in this thread while another one talks with the service manager. `stop` is called once, from that one.

    `work` returns the exit code; the process has STOPPING seconds for it once Windows asks.
    """

    def __init__(self, stop: Callable[[], object]) -> None:
        self._stop = stop
        self._running, self._over, self._done = threading.Event(), threading.Event(), threading.Event()
        self._fault: BaseException | None = None
        self._code = 0
        self._service: Any = None

    def __call__(self, work: Callable[[], int]) -> int:
        talking = threading.Thread(target=self._talk, name="service-manager", daemon=True)
        talking.start()
        while not self._running.wait(0.1):
            if self._fault is not None or not talking.is_alive():
                raise UsageError(
                    "this is started by Windows' service manager alone.",
                    mend="See: syncd service install; by hand: syncd watch",
                )
        self._code = 1
        try:
            self._code = work()
        finally:
            self._over.set()
            self._done.wait(5)
        return self._code

    def _talk(self) -> None:
        try:
            manager, base, service = _api("servicemanager"), _api("win32serviceutil"), _api("win32service")
            hosted, framework = self, base.ServiceFramework

            class Service(framework):  # type: ignore[misc, valid-type]
                _svc_name_, _svc_display_name_ = NAME, said.TITLE(language())

                def GetAcceptedControls(self) -> int:
                    return int(service.SERVICE_ACCEPT_STOP | service.SERVICE_ACCEPT_PRESHUTDOWN)

                def SvcStop(self) -> None:
                    self.ReportServiceStatus(service.SERVICE_STOP_PENDING, waitHint=10_000)
                    hosted._stop()
                    threading.Thread(target=hosted._waited, args=(self, service), daemon=True).start()

                def SvcOther(self, control: int) -> None:
                    if control == service.SERVICE_CONTROL_PRESHUTDOWN:
                        self.SvcStop()

                def SvcRun(self) -> None:
                    self.ReportServiceStatus(service.SERVICE_RUNNING)
                    hosted._running.set()
                    hosted._over.wait()
                    hosted._ended(self, service)
                    threading.Event().wait()  # the process ends: what the framework would report now is not so

            manager.Initialize(NAME, None)
            manager.PrepareToHostSingle(Service)
            manager.StartServiceCtrlDispatcher()
        except BaseException as e:
            self._fault = e
        finally:
            self._done.set()

    def _waited(self, told: Any, service: Any) -> None:
        """Windows is told every two seconds that the end comes; after STOPPING it is made, whatever is in hand."""
        end = time.monotonic() + STOPPING
        while not self._over.wait(2):
            if time.monotonic() > end:
                told.ReportServiceStatus(service.SERVICE_STOPPED)
                os._exit(143)
            told.ReportServiceStatus(service.SERVICE_STOP_PENDING, waitHint=10_000)

    def _ended(self, told: Any, service: Any) -> None:
        if self._code in (0, 130, 143):
            told.ReportServiceStatus(service.SERVICE_STOPPED)
        else:
            told.ReportServiceStatus(service.SERVICE_STOPPED, win32ExitCode=_SPECIFIC, svcExitCode=self._code)
        self._done.set()
