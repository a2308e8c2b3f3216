"""A proxy between engine and portal that a test can make cut, lie or stay silent."""

from __future__ import annotations

import http.client
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

Answer = tuple[int, dict[str, str], bytes]
Change = Callable[[str, int, dict[str, str], bytes], Answer | None]


class Proxy:
    """`change(path, status, headers, body)` gives the answer to pass on; None: cut the connection."""

    def __init__(self, target: str) -> None:
        self.change: Change = lambda path, status, headers, body: (status, headers, body)
        self.sent: dict[str, int] = {}
        self.limit: int | None = None
        self.seen: Callable[[str, dict[str, str], bytes], object] = lambda path, headers, body: None
        proxy, host = self, urlsplit(target).netloc

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *args: object) -> None:
                pass

            def read_body(self) -> bytes:
                out = bytearray()
                if "chunked" in self.headers.get("Transfer-Encoding", ""):
                    while (size := int(self.rfile.readline().strip() or b"0", 16)) > 0:
                        out += self.rfile.read(size)
                        self.rfile.readline()
                    self.rfile.readline()
                else:
                    out += self.rfile.read(int(self.headers.get("Content-Length", 0)))
                return bytes(out)

            def handle_any(self) -> None:
                body = self.read_body()
                path = self.path.split("?")[0]
                proxy.sent[path] = proxy.sent.get(path, 0) + len(body)
                upstream = http.client.HTTPConnection(host, timeout=60)
                headers = {
                    k: v
                    for k, v in self.headers.items()
                    if k.lower() not in ("host", "transfer-encoding", "content-length", "connection")
                }
                proxy.seen(path, headers, body)
                if (
                    proxy.limit is not None and len(body) > proxy.limit
                ):  # as a reverse proxy does: the portal hears nothing
                    self.send_response(413)
                    self.send_header("Content-Length", "3")
                    self.end_headers()
                    self.wfile.write(b"413")
                    return
                upstream.request(self.command, self.path, body, headers)
                answer = upstream.getresponse()
                got = {
                    k: v
                    for k, v in answer.getheaders()
                    if k.lower() not in ("transfer-encoding", "content-length", "connection")
                }
                changed = proxy.change(path, answer.status, got, answer.read())
                upstream.close()
                if changed is None:
                    self.close_connection = True
                    self.connection.close()
                    return
                status, head, data = changed
                self.send_response(status)
                for name, value in head.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                if self.command != "HEAD":
                    self.wfile.write(data)

            do_GET = do_POST = do_HEAD = do_PATCH = handle_any

        class Server(ThreadingHTTPServer):
            def handle_error(self, request: object, client_address: object) -> None:
                pass

        self.server = Server(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()
