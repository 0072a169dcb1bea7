"""A message that is too long is refused, and not skipped as a whole: what is left of it is
taken for the next one. Unseen as long as it is alone in its buffer, which is then thrown away."""

from common import exactly, main

MOST = 32


def broken(connection):
    data = b""
    while piece := connection.recv(4096):
        data += piece
        while data and len(data) >= 1 + data[0]:
            length = data[0]
            if length > MOST:
                yield b"E"
                data = data[1 + MOST :] if len(data) > 1 + length else b""
                continue
            yield bytes([length]) + data[1 : 1 + length].swapcase()
            data = data[1 + length :]


def mended(connection):
    while True:
        length = exactly(connection, 1)[0]
        body = exactly(connection, length)
        yield b"E" if length > MOST else bytes([length]) + body.swapcase()


main(broken, mended)
