"""A slow line between two ports of this machine: every byte arrives `delay` seconds later, and so does the first one."""

from __future__ import annotations

import asyncio
import subprocess
import sys

import uvloop

from measure.ports import answers, free_port


class Line:
    """A process of its own. `port`: where to connect to reach `target` over the slow line; a round trip is 2 × delay."""

    def __init__(self, target: int, delay: float) -> None:
        self.port = free_port()
        self._process = subprocess.Popen(
            [sys.executable, "-m", "measure.slow_line", str(self.port), str(target), str(delay)],
            stdout=subprocess.DEVNULL,
        )
        answers(self.port)

    def close(self) -> None:
        self._process.terminate()
        self._process.wait()


async def _carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, delay: float, first: float) -> None:
    """Bytes go out in order, each piece when its time has come: the line is slow, not narrow."""
    loop = asyncio.get_running_loop()
    waiting: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue()

    async def give() -> None:
        while True:
            due, data = await waiting.get()
            await asyncio.sleep(max(0.0, due - loop.time()))
            if not data:
                break
            writer.write(data)
            await writer.drain()
        if writer.can_write_eof():
            writer.write_eof()

    giving = asyncio.create_task(give())
    opened = loop.time() + first
    while True:
        data = await reader.read(256 * 1024)
        waiting.put_nowait((max(loop.time() + delay, opened), data))
        if not data:
            break
    await giving


async def _serve(port: int, target: int, delay: float) -> None:
    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            there, out = await asyncio.open_connection("127.0.0.1", target, limit=1 << 20)
            # a connection is made by one round trip before its first byte can leave
            await asyncio.gather(_carry(reader, out, delay, 3 * delay), _carry(there, writer, delay, 0.0))
        except OSError:
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(connected, "127.0.0.1", port, limit=1 << 20)
    await server.serve_forever()


if __name__ == "__main__":
    uvloop.run(_serve(int(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3])))
