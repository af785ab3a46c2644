#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""A key server that is hostile, or plays a good one: what it answers is told
by files in its directory, looked at anew for each request.

usage: evilkeys.py DIR CERT.pem KEY.pem

DIR may be a link that changes.  DIR/port gets the port of 127.0.0.1 when it
listens; it ends by a signal, or after an hour.  DIR/log gets a line for each
request.  DIR/mode is one of

  answer    body: what "sh DIR/answer METHOD PATH" prints (with the request's
            body as its input); HTTP status: DIR/status, or 200
  never     no answer at all
  drip      a header line every now and then, for ever
  close     the connection is closed instead
  garbage   bytes that are not HTTP
  huge      a body without end
  length    a Content-Length of 2^40
  endless   headers without end
  redirect  to DIR/location
"""
import http.server
import os
import ssl
import subprocess
import sys
import threading
import time

DIR, CERT, KEY = sys.argv[1:]


def content(name, default):
    try:
        with open(os.path.join(DIR, name)) as f:
            return f.read().strip()
    except FileNotFoundError:
        return default


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *args):
        pass

    def handle_any(self):
        length = int(self.headers.get("Content-Length", 0))
        body = self.rfile.read(length)
        with open(os.path.join(DIR, "log"), "a") as f:
            f.write(f"{self.command} {self.path} {length}\n")
        mode = content("mode", "answer")
        try:
            getattr(self, mode)(body)
        except (BrokenPipeError, ConnectionResetError, ssl.SSLError):
            self.close_connection = True

    do_GET = do_POST = do_PUT = do_DELETE = handle_any

    def reply(self, status, body, **headers):
        self.send_response(status)
        for k, v in headers.items():
            self.send_header(k.replace("_", "-"), v)
        if status != 204:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def answer(self, body):
        out = subprocess.run(
            ["sh", os.path.join(DIR, "answer"), self.command, self.path],
            input=body, stdout=subprocess.PIPE, check=False).stdout
        headers = {}
        retry = content("retry-after", "")
        if retry:
            headers["Retry_After"] = retry
        self.reply(int(content("status", "200")), out, **headers)

    def never(self, body):
        time.sleep(600)

    def drip(self, body):
        self.wfile.write(b"HTTP/1.1 200 OK\r\n")
        for i in range(6000):
            self.wfile.write(b"X-%d: y\r\n" % i)
            self.wfile.flush()
            time.sleep(0.1)

    def close(self, body):
        self.close_connection = True

    def garbage(self, body):
        self.wfile.write(os.urandom(4096))
        self.close_connection = True

    def huge(self, body):
        self.wfile.write(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n")
        for _ in range(1 << 20):
            self.wfile.write(b"# comment\n" * 10000)

    def length(self, body):
        self.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n"
                         % (1 << 40))
        for _ in range(1 << 20):
            self.wfile.write(b"# comment\n" * 10000)

    def endless(self, body):
        self.wfile.write(b"HTTP/1.1 200 OK\r\n")
        for i in range(1 << 20):
            self.wfile.write(b"X-%d: " % i + b"y" * 1000 + b"\r\n")

    def redirect(self, body):
        self.reply(302, b"", Location=content("location", "/"))


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
server.daemon_threads = True
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain(CERT, KEY)
server.socket = context.wrap_socket(server.socket, server_side=True,
                                    do_handshake_on_connect=False)
with open(os.path.join(DIR, "port.new"), "w") as f:
    f.write(f"{server.server_address[1]}\n")
os.rename(os.path.join(DIR, "port.new"), os.path.join(DIR, "port"))
threading.Timer(3600, os._exit, [0]).start()
server.serve_forever()
