"""Classic command client: PORT ascii|struct ENCODING COMMAND..."""
import socket
import struct
import sys

client = socket.socket()
client.connect(("127.0.0.1", int(sys.argv[1])))
kind, encoding = sys.argv[2], sys.argv[3]
for command in sys.argv[4:]:
    client.send(command.encode(encoding))
    if kind == "ascii":
        length = int(client.recv(1024).decode("utf-8"))
        client.send(b"recv_ready")
    else:
        length = struct.unpack("i", client.recv(4))[0]
    output = b""
    while len(output) < length:
        data = client.recv(1024)
        if not data:
            break
        output += data
    sys.stdout.buffer.write(output.decode(encoding).encode("utf-8"))
    sys.stdout.flush()
client.close()
