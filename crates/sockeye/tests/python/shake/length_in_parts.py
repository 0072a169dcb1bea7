"""The two bytes of a length are read with what is there of them: a length whose halves come in
one buffer is right, one whose halves come in two is not."""

from common import main


def broken(connection):
    data = b""
    while piece := connection.recv(4096):
        data += piece
        while data:
            # A second half that is not there yet is taken for zero.
            high, low = data[0], data[1] if len(data) > 1 else 0
            length = high * 256 + low
            while len(data) < 2 + length:
                more = connection.recv(4096)
                if not more:
                    return
                data += more
            yield answer(data[2 : 2 + length])
            data = data[2 + length :]


def mended(connection):
    data = b""
    while piece := connection.recv(4096):
        data += piece
        while len(data) >= 2 and len(data) >= 2 + data[0] * 256 + data[1]:
            length = data[0] * 256 + data[1]
            yield answer(data[2 : 2 + length])
            data = data[2 + length :]


def answer(body):
    return len(body).to_bytes(2, "big") + body[::-1]


main(broken, mended)
