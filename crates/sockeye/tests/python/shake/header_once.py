"""The header is read with one recv, which may return a part of it; the body is read whole."""

import struct

from common import exactly, main

MOST = 65536


def broken(connection):
    while header := connection.recv(4):
        (length,) = struct.unpack("!I", header.ljust(4, b"\0"))
        yield answer(exactly(connection, min(length, MOST)))


def mended(connection):
    while True:
        (length,) = struct.unpack("!I", exactly(connection, 4))
        yield answer(exactly(connection, min(length, MOST)))


def answer(body):
    return struct.pack("!I", len(body)) + body.upper()


main(broken, mended)
