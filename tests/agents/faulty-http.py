# SPDX-License-Identifier: GPL-2.0-or-later
"""An HTTP server with faults: "faulty-http.py PORT" or "faulty-http.py /SOCKET"; the path of the URL says which."""

import base64
import socket
import sys
import threading
import time

PAGE = b"all is well here\n"
BASIC = base64.b64encode(b'us er:pa"ss\\word')


def plain(body, status=b"200 OK", more=b""):
    """A whole answer."""
    return b"HTTP/1.1 " + status + b"\r\nContent-Length: %d\r\n" % len(body) + more + b"\r\n" + body


def chunked(body):
    """A whole answer in chunks of one byte."""
    return b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + \
        b"".join(b"1\r\n%c\r\n" % byte for byte in body) + b"0\r\n\r\n"


ANSWERS = {
    b"/plain": plain(PAGE),
    b"/chunked": chunked(PAGE),
    b"/close": b"HTTP/1.0 200 OK\r\n\r\n" + PAGE,
    b"/nothing": b"",
    b"/garbage": b"\x00\xff\x16\x03\x01" * 1000,
    b"/ssh": b"SSH-2.0-OpenSSH_9.2\r\n",
    b"/short": b"HTTP/1.1 200 OK\r\nContent-Length: 999\r\n\r\n" + PAGE,
    b"/badchunk": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n" + PAGE,
    b"/hugeheader": b"HTTP/1.1 200 OK\r\n" + b"X: " + b"x" * 200000 + b"\r\n\r\n" + PAGE,
    b"/longheader": plain(PAGE, more=b"Set-Cookie: " + b"x" * 20000 + b"\r\n"),
    b"/huge": plain(b"x\n" * 2000000 + PAGE),
    b"/nul": plain(b"\0\0\0" + PAGE),
    b"/lines": plain(b"first\nall is WELL here\nlast\n"),
    b"/500": plain(PAGE, b"500 Internal Server Error"),
    b"/401": plain(PAGE, b"401 Unauthorized", b"WWW-Authenticate: Basic realm=\"x\"\r\n"),
    b"/moved": plain(b"", b"302 Found", b"Location: /plain\r\n"),
    b"/loop": plain(b"", b"302 Found", b"Location: /loop\r\n"),
    b"/continue": b"HTTP/1.1 100 Continue\r\n\r\n" + plain(PAGE),
}


def endless(connection, piece, pause):
    """Sends until the other side has enough."""
    connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n" if piece != b"H" else b"HTTP/1.1 200 OK\r\n")
    while True:
        connection.sendall(piece)
        time.sleep(pause)


def serve(connection):
    """Answers one request."""
    request = b""
    while b"\r\n\r\n" not in request:
        piece = connection.recv(65536)
        if not piece:
            return
        request += piece
    path = request.split(b" ")[1]
    if path == b"/silent":
        time.sleep(1000)
    elif path == b"/slow":
        endless(connection, b"H", 0.2)
    elif path == b"/endless":
        endless(connection, b"x" * 65536, 0)
    elif path == b"/reset":
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
    elif path == b"/host":
        connection.sendall(plain(request.partition(b"Host: ")[2].partition(b"\r\n")[0]))
    elif path == b"/auth":
        connection.sendall(ANSWERS[b"/plain" if b"Basic " + BASIC + b"\r\n" in request else b"/401"])
    else:
        connection.sendall(ANSWERS.get(path, plain(b"", b"404 Not Found")))
    connection.close()


def guarded(connection):
    """Ends quietly when the other side does."""
    try:
        serve(connection)
    except OSError:
        pass


def main():
    """Serves for ever."""
    where = sys.argv[1]
    if where.startswith("/"):
        listener = socket.socket(socket.AF_UNIX)
        listener.bind(where)
    else:
        listener = socket.create_server(("::", int(where)), family=socket.AF_INET6, dualstack_ipv6=True)
    listener.listen(64)
    print("ready", flush=True)
    while True:
        threading.Thread(target=guarded, args=(listener.accept()[0],), daemon=True).start()


main()
