"""What a tape says that came in, to stdout: by Python's json and base64, not by our own reader.

    python3 untape.py TAPE
"""

import base64
import json
import sys

with open(sys.argv[1], "rb") as tape:
    for line in tape:
        event = json.loads(line)
        if event["e"] == "in":
            text = event.get("s")
            data = base64.b64decode(event["b"]) if text is None else text.encode()
            sys.stdout.buffer.write(data)
