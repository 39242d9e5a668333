"""A place where traces go in tests: it keeps what processes export, as it came."""

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import cast


class TraceCollector:
    """An OTLP endpoint on a free loopback port. `exported` holds the body of every export."""

    def __init__(self) -> None:
        self.exported: list[bytes] = []
        self._server = _Server(("127.0.0.1", 0), _Handler)
        self._server.exported = self.exported
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        self._thread = threading.Thread(target=self._server.serve_forever, name="traces", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    exported: list[bytes]


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        cast("_Server", self.server).exported.append(body)
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name is the library's
        """Exports are not worth a line."""
