"""What a pass or a task works with from its first step on."""

from __future__ import annotations

from msgspec.structs import replace

from syncd.engine.context import Context, Emit, Ports, Settings
from syncd.engine.interruptible_remote import InterruptibleRemote
from syncd.engine.recorder import Recorder


def begin(ports: Ports, settings: Settings, emit: Emit) -> Context:
    """`emit` gets every event as it is recorded. The portal is asked in a way that an end of the run cuts short."""
    recorder = Recorder(ports, settings, emit)
    return Context(replace(ports, remote=InterruptibleRemote(ports.remote, recorder)), settings, recorder)
