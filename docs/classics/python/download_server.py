"""download, the server: python3 download_server.py HOST PORT FOLDER

The client sends a bare file name; the server sends that file's bytes and closes. For a file
that it does not have it closes at once.
"""
import os
import socket
import stat
import sys


def opened(folder, name):
    """A regular file of the folder; no other folder's, no link, no device."""
    if "/" in name or "\0" in name or name in ("", ".", ".."):
        raise FileNotFoundError(f"not a bare name: {name!r}")
    flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK
    file = open(os.open(os.path.join(folder, name), flags), "rb")
    if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
        file.close()
        raise FileNotFoundError(f"not a file: {name!r}")
    return file


with socket.socket() as listener:
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind((sys.argv[1], int(sys.argv[2])))
    listener.listen()
    print("listening on {}:{}".format(*listener.getsockname()), file=sys.stderr)
    while True:
        client, address = listener.accept()
        with client:
            try:
                name = client.recv(1024).decode(errors="replace")
                with opened(sys.argv[3], name) as file:
                    client.sendfile(file)  # piece by piece, never the whole file in memory
            except OSError as error:
                print(address, error, file=sys.stderr)
