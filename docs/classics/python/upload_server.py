"""upload, the server: python3 upload_server.py HOST PORT FOLDER

Length of the header, the header in JSON, then exactly `filesize` bytes. A file gets its name
once it is whole, and replaces none.
"""
import json
import os
import socket
import struct
import sys
import tempfile

folder = sys.argv[3]


def pieces(client, left):
    """Exactly so many bytes, in the pieces that they come in."""
    while left > 0:
        piece = client.recv(min(left, 65536))
        if not piece:
            raise ValueError(f"closed with {left} bytes still to come")
        left -= len(piece)
        yield piece


def take(client):
    (length,) = struct.unpack("i", b"".join(pieces(client, 4)))
    if not 0 < length <= 65536:
        raise ValueError(f"a header of {length} bytes")
    header = json.loads(b"".join(pieces(client, length)))
    name, size = header["filename"], header["filesize"]
    if type(size) is not int or not 0 <= size <= 64 << 30:
        raise ValueError(f"a file of {size!r} bytes")
    if not isinstance(name, str) or "/" in name or "\0" in name or name in ("", ".", ".."):
        raise ValueError(f"not a bare name: {name!r}")
    with tempfile.NamedTemporaryFile(dir=folder) as file:
        for piece in pieces(client, size):
            file.write(piece)
        file.flush()
        os.link(file.name, os.path.join(folder, name))
    print(name, size)


with socket.socket() as listener:
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind((sys.argv[1], int(sys.argv[2])))
    listener.listen()
    print("listening on {}:{}".format(*listener.getsockname()), file=sys.stderr)
    while True:
        client, address = listener.accept()
        with client:
            client.settimeout(60)
            try:
                take(client)
            except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
                print(address, error, file=sys.stderr)
