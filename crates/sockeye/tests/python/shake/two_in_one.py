"""Waits for a whole message, and forgets what came behind it in the same buffer."""

from common import lines, main


def broken(connection):
    data = b""
    while piece := connection.recv(4096):
        data += piece
        if b"\n" in data:
            line, _ = data.split(b"\n", 1)
            yield b"ok " + line + b"\n"
            data = b""


def mended(connection):
    for line in lines(connection):
        yield b"ok " + line + b"\n"


main(broken, mended)
