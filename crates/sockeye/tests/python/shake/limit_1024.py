"""recv(1024) is taken to bring all that is there: what is beyond it comes as a surprise."""

from common import lines, main


def broken(connection):
    while data := connection.recv(1024):
        if not data.endswith(b"\n"):
            yield b"no line end\n"
            continue
        for line in data.splitlines():
            yield answer(line)


def mended(connection):
    for line in lines(connection):
        yield answer(line)


def answer(line):
    return b"%d %s\n" % (len(line), line[:8])


main(broken, mended)
