"""Each buffer is decoded by itself: a character that is cut between two becomes two marks."""

import codecs

from common import main


def broken(connection):
    return answers(connection, lambda data: data.decode("utf-8", "replace"))


def mended(connection):
    return answers(connection, codecs.getincrementaldecoder("utf-8")("replace").decode)


def answers(connection, decode):
    text = ""
    while data := connection.recv(4096):
        text += decode(data)
        while "\n" in text:
            line, text = text.split("\n", 1)
            yield f"{len(line)} {line}\n".encode()


main(broken, mended)
