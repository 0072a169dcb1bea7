"""The delimiter \\r\\n is looked for in each buffer by itself: one that is cut between two
buffers is never found."""

from common import main


def broken(connection):
    line = b""
    while data := connection.recv(4096):
        *whole, rest = data.split(b"\r\n")
        for part in whole:
            yield b"+" + line + part + b"\r\n"
            line = b""
        line += rest


def mended(connection):
    line = b""
    while data := connection.recv(4096):
        line += data
        *whole, line = line.split(b"\r\n")
        for part in whole:
            yield b"+" + part + b"\r\n"


main(broken, mended)
