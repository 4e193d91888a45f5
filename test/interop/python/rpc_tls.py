# RPC-with-TLS (RFC 9289) with Python's ssl: asks for TLS, goes over to it, and calls a procedure without arguments.
#
#   rpc_tls.py PORT CA CERT KEY PROGRAM VERSION PROCEDURE
import socket
import ssl
import struct
import sys

port, ca, cert, key, program, version, procedure = sys.argv[1:8]


def call(wire, procedure, flavor):
    words = [7, 0, 2, int(program), int(version), procedure, flavor, 0, 0, 0]
    wire.sendall(struct.pack(">I%dI" % len(words), 0x80000000 + 4 * len(words), *words))
    (mark,) = struct.unpack(">I", exactly(wire, 4))
    return exactly(wire, mark & 0x7FFFFFFF)


def exactly(wire, count):
    got = b""
    while len(got) < count:
        more = wire.recv(count - len(got))
        if not more:
            raise SystemExit("the server ended the connection")
        got += more
    return got


plain = socket.create_connection(("127.0.0.1", int(port)))
probe = call(plain, 0, 7)
assert probe[12:24] == struct.pack(">II", 0, 8) + b"STAR", probe
context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
context.load_verify_locations(ca)
context.load_cert_chain(cert, key)
context.set_alpn_protocols(["sunrpc"])
secured = context.wrap_socket(plain, server_hostname="localhost")
answer = call(secured, int(procedure), 0)
(length,) = struct.unpack(">I", answer[24:28])
print(secured.version(), secured.selected_alpn_protocol(), answer[28 : 28 + length].decode())
