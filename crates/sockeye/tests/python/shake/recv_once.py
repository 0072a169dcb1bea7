"""One recv is taken for one message: works as long as each message is one segment."""

from common import lines, main


def broken(connection):
    while data := connection.recv(4096):
        yield b"you said " + data.strip() + b"\n"


def mended(connection):
    for line in lines(connection):
        yield b"you said " + line + b"\n"


main(broken, mended)
