#!/usr/bin/env python3
"""Measures what an idle WebSocket and a request cost one Atrium process.

    tools/cost.py .cache/bin/atrium

It starts that program with private databases in a temporary folder, opens
WebSockets of one user, and looks at /proc: memory as Pss, processor time as
user and system time of the process alone, without its databases.
"""
import http.client
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

PORT, FEW, MANY, REQUESTS = 18517, 200, 1200, 2000
HEADERS = {"Host": f"atrium.localhost:{PORT}", "Sec-Fetch-Site": "same-origin"}


def call(connection, method, path, body=None, cookie=""):
    headers = dict(HEADERS, **({"Content-Type": "application/json"} if body else {}))
    if cookie:
        headers["Cookie"] = cookie
    connection.request(method, path, json.dumps(body) if body else None, headers)
    answer = connection.getresponse()
    text = answer.read()
    if answer.status != 200:
        sys.exit(f"{method} {path}: {answer.status} {text[:300]!r}")
    return answer


def live(cookie):
    s = socket.create_connection(("127.0.0.1", PORT))
    s.sendall((f"GET /chat/ws HTTP/1.1\r\nHost: atrium.localhost:{PORT}\r\nOrigin: http://atrium.localhost:{PORT}\r\n"
               f"Cookie: {cookie}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
               "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n").encode())
    if b" 101 " not in s.recv(4096):
        sys.exit("a WebSocket was refused")
    return s


def pss(pid):
    with open(f"/proc/{pid}/smaps_rollup") as f:
        return next(int(line.split()[1]) for line in f if line.startswith("Pss:"))


def cpu(pid):
    with open(f"/proc/{pid}/stat") as f:
        fields = f.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def main():
    folder = tempfile.mkdtemp(prefix="atrium-cost-")
    os.chmod(folder, 0o755)
    env = dict(os.environ, ATRIUM_DATA_DIR=f"{folder}/data", ATRIUM_LISTEN=f"127.0.0.1:{PORT}", ATRIUM_METRICS_LISTEN="",
               ATRIUM_PUBLIC_URL=f"http://atrium.localhost:{PORT}", ATRIUM_IDE_DOMAIN=f"ide.atrium.localhost:{PORT}",
               ATRIUM_RATE_LIMIT_API="0", ATRIUM_STREAMS_USER="100000", ATRIUM_CONNECTIONS="100000",
               ATRIUM_CONNECTIONS_ADDRESS="100000", ATRIUM_REQUESTS="100000", ATRIUM_REQUESTS_ADDRESS="100000", ATRIUM_REQUESTS_USER="100000")
    platform = subprocess.Popen([sys.argv[1], "all"], env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        for _ in range(600):
            try:
                call(http.client.HTTPConnection("127.0.0.1", PORT), "GET", "/readyz")
                break
            except (OSError, SystemExit):
                time.sleep(0.2)
        connection = http.client.HTTPConnection("127.0.0.1", PORT)
        made = call(connection, "POST", "/api/auth/register",
                    {"email": "cost@example.com", "username": "cost", "password": "a long enough passphrase"})
        cookie = made.getheader("Set-Cookie").split(";")[0]
        sockets = [live(cookie) for _ in range(FEW)]
        time.sleep(3)
        before = pss(platform.pid)
        sockets += [live(cookie) for _ in range(MANY - FEW)]
        time.sleep(3)
        print(f"an idle WebSocket: {(pss(platform.pid) - before) / (MANY - FEW):.1f} KiB (over {FEW} to {MANY})")
        began = cpu(platform.pid)
        time.sleep(10)
        print(f"{MANY} idle WebSockets: {(cpu(platform.pid) - began) / 10 * 1000:.0f} ms of processor time a second")
        began = cpu(platform.pid)
        for _ in range(REQUESTS):
            call(connection, "GET", "/api/users/me", cookie=cookie)
        print(f"a signed-in GET: {(cpu(platform.pid) - began) / REQUESTS * 1e6:.0f} us of processor time")
        began = cpu(platform.pid)
        for i in range(20):
            call(connection, "POST", "/api/chat/conversations", {"title": f"Told {i}"}, cookie)
        time.sleep(2)
        print(f"a change told to one WebSocket: {(cpu(platform.pid) - began) / 20 / MANY * 1e6:.0f} us of processor time")
        for s in sockets:
            s.close()
        time.sleep(2)
        began = cpu(platform.pid)
        for i in range(REQUESTS // 4):
            call(connection, "POST", "/api/chat/conversations", {"title": f"Talk {i}"}, cookie)
        print(f"a stored conversation: {(cpu(platform.pid) - began) / (REQUESTS // 4) * 1e6:.0f} us of processor time")
    finally:
        platform.send_signal(signal.SIGTERM)
        platform.wait()
        shutil.rmtree(folder, ignore_errors=True)


main()
