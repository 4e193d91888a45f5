"""A peer of python3-zmq that does what c/zmq_peer.c does, with the same arguments."""

import sys
import time

import zmq
from zmq.auth.thread import ThreadAuthenticator


def frames(text):
    return [b"x" * int(one[1:]) if one[:1] == "L" and one[1:].isdigit() else one.encode() for one in text.split("|")]


def main():
    kind, way, endpoint, steps, *options = sys.argv[1:]
    context = zmq.Context()
    authenticator = None
    socket = context.socket(getattr(zmq, kind))
    socket.rcvtimeo = socket.sndtimeo = 15000
    socket.linger = 3000
    names = {
        "plain_user": zmq.PLAIN_USERNAME,
        "plain_password": zmq.PLAIN_PASSWORD,
        "curve_secret": zmq.CURVE_SECRETKEY,
        "curve_public": zmq.CURVE_PUBLICKEY,
        "curve_serverkey": zmq.CURVE_SERVERKEY,
        "id": zmq.ROUTING_ID,
    }
    for option in options:
        name, value = option.split("=", 1)
        if name == "plain_server":
            socket.plain_server = True
            authenticator = ThreadAuthenticator(context)
            authenticator.start()
            authenticator.configure_plain(passwords={"u": "p"})
        elif name == "curve_server":
            socket.curve_server = True
        else:
            socket.setsockopt(names[name], value.encode())
    (socket.bind if way == "bind" else socket.connect)(endpoint)
    print("up", flush=True)
    for step in steps.split(","):
        verb, rest = step.split(":", 1)
        if verb == "sub":
            socket.subscribe(rest.encode())
        elif verb == "echo":
            for _ in range(int(rest)):
                socket.send_multipart(socket.recv_multipart())
        elif verb == "send":
            socket.send_multipart(frames(rest))
        elif verb == "recv":
            found = socket.recv_multipart()
            if found != frames(rest):
                sys.exit(f"recv: {[one[:50] for one in found]} instead of {rest}")
        elif verb == "spam":
            for _ in range(100):
                socket.send_multipart(frames(rest))
                time.sleep(0.02)
        else:
            sys.exit(f"step: {step}")
    socket.close()
    if authenticator:
        authenticator.stop()
    context.term()


main()
