"""Classic download client: PORT NAME FOLDER. One recv is the whole file."""
import os
import socket
import sys

client = socket.socket()
client.connect(("127.0.0.1", int(sys.argv[1])))
name = sys.argv[2]
client.send(name.encode("utf-8"))
data = client.recv(1024)
if data:
    with open(os.path.join(sys.argv[3], "[接收]" + name), "wb") as file:
        file.write(data)
    print("ok", len(data))
else:
    print("nothing")
client.close()
