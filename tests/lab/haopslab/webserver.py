# SPDX-License-Identifier: GPL-2.0-or-later
"""A web server that answers every GET with its name: `webserver.py NAME [PORT [ADDRESS]]`."""
from __future__ import annotations

import socket
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class _Server(ThreadingHTTPServer):
    address_family = socket.AF_INET6  # takes IPv4 as well
    daemon_threads = True
    request_queue_size = 128


def handler_for(name: str) -> type[BaseHTTPRequestHandler]:
    """The request handler of a server with that name."""
    class Handler(BaseHTTPRequestHandler):
        """Name in header and body."""

        def do_GET(self) -> None:
            body = f"{name}\n".encode()
            self.send_response(200)
            self.send_header("X-Node", name)
            self.send_header("Content-Type", "text/plain")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            """No log: a prober asks a hundred times per second."""
    return Handler


if __name__ == "__main__":
    _address = (sys.argv[3] if len(sys.argv) > 3 else "::",
                int(sys.argv[2]) if len(sys.argv) > 2 else 80)
    _Server(_address, handler_for(sys.argv[1])).serve_forever()
