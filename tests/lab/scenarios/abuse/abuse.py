# SPDX-License-Identifier: Apache-2.0
"""abuse.py SOCKET WHAT…: what a hostile client may do to the control socket. One line for each thing tried: "WHAT: outcome"."""
import os
import socket
import sys
import time

ADDRESS = sys.argv[1]
PATIENCE_S = 25


def connect():
    client = socket.socket(socket.AF_UNIX)
    client.connect(ADDRESS)  # waits while others wait to be let in
    client.settimeout(PATIENCE_S)
    return client


def is_cut_off(octets):
    """Whether the daemon closes the connection instead of an answer, however much of the octets it takes before."""
    with connect() as client:
        try:
            client.sendall(octets)
            return "answered" if client.recv(1) else "cut off"
        except TimeoutError:
            return "waited for"
        except OSError:
            return "cut off"


def huge_without_end():
    return is_cut_off(b'{"method":"' + b"a" * 10_000_000)


def huge_call():
    return is_cut_off(b'{"method":"io.xfrmd.Status","parameters":{"x":"' + b"a" * 10_000_000 + b'"}}\0')


def a_little_too_long():
    return is_cut_off(b'{"method":"io.xfrmd.Status","parameters":{"x":"' + b"a" * 1024 * 1024 + b'"}}\0')


def nested(levels):
    return b'{"method":"io.xfrmd.Status","parameters":{"x":' + b"[" * (levels - 2) + b"]" * (levels - 2) + b"}}\0"


def a_little_too_deep():
    return is_cut_off(nested(33))


def deep_enough():
    return is_cut_off(nested(32))


def deep():
    return is_cut_off(b'{"method":"io.xfrmd.Status","parameters":' + b"[" * 100_000 + b"]" * 100_000 + b"}\0")


def deep_and_small():
    return is_cut_off(b'{"method":"io.xfrmd.Status","parameters":' + b"[" * 1500 + b"]" * 1500 + b"}\0")


def half():
    with connect() as client:
        client.send(b'{"method":"io.xfrmd.Sta')
        start = time.monotonic()
        try:
            end = client.recv(1)
        except TimeoutError:
            return "is waited for"
        return "given up" if end == b"" and time.monotonic() - start < 15 else "answered"


def slow():
    """Fifty clients that send an octet of a call now and then."""
    clients = [connect() for _ in range(50)]
    deadline = time.monotonic() + PATIENCE_S
    for octet in b" " * 1000:
        if not clients or time.monotonic() > deadline:
            break
        for client in list(clients):
            try:
                client.send(bytes([octet]))
            except OSError:
                client.close()
                clients.remove(client)
        time.sleep(0.2)
    return "%d of 50 are left" % len(clients)


def garbage():
    answers = {is_cut_off(os.urandom(60_000) + b"\0" + os.urandom(60_000)) for _ in range(20)}
    answers |= {is_cut_off(b"\0" * 100_000)}
    return " ".join(sorted(answers))


def crowd():
    """A thousand clients at once."""
    clients = [connect() for _ in range(1000)]
    time.sleep(3)
    admitted = 0
    for client in clients:
        client.setblocking(False)
        try:
            assert b"TooManyClients" in client.recv(4096)
        except BlockingIOError:
            admitted += 1
        client.close()
    return "64 are admitted" if admitted == 64 else "%d are admitted" % admitted


def deaf():
    """Calls for all there is, and reads nothing of it."""
    clients = [connect() for _ in range(30)]
    call = b'{"method":"io.xfrmd.Monitor","more":true}\0' + b'{"method":"io.xfrmd.GetInfo"}\0' * 1000
    for client in clients:
        client.settimeout(0.2)
        try:
            for _ in range(20):
                client.send(call)
        except OSError:
            pass
    time.sleep(3)
    return "over"


def change():
    """Every method that changes something, by somebody who may only read, or not even that."""
    calls = {
        "Up": '{"connection":"bob"}', "Down": '{"connection":"bob"}', "Rekey": '{"connection":"bob"}', "Reload": "{}",
        "Apply": "{}", "Confirm": "{}", "Flush": "{}", "SetLogLevel": '{"level":"debug"}',
        "ExportKeys": "{}", "ChangeTables": '{"statements":["spdflush;"],"then":"keep"}',
    }
    answers = set()
    for method, parameters in calls.items():
        with connect() as client:
            client.send(('{"method":"io.xfrmd.%s","parameters":%s}\0' % (method, parameters)).encode())
            answer = client.recv(65536)
            answers.add("not permitted" if b"io.xfrmd.NotPermitted" in answer else "%s: %r" % (method, answer))
    return " ".join(sorted(answers))


for what in sys.argv[2:]:
    print("%s: %s" % (what, globals()[what]()), flush=True)
