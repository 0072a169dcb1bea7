//! Modbus TCP with pymodbus at the other end, as the server and as the client.

mod harness;

use harness::{LONG, Start, python, sockeye, words};

/// Two registers, 7 and 8, of unit 1; prints its port.
const SERVER: &str = "
import asyncio
from pymodbus.server import ModbusTcpServer
from pymodbus.simulator import DataType, SimData, SimDevice
async def main():
    registers = SimData(0, values=[7, 8], datatype=DataType.REGISTERS)
    server = ModbusTcpServer(SimDevice(1, simdata=[registers]), address=('127.0.0.1', 0))
    await server.serve_forever(background=True)
    print(server.transport.sockets[0].getsockname()[1], flush=True)
    await asyncio.sleep(60)
asyncio.run(main())
";

fn client(at: &str) -> Start {
    let (host, port) = at.split_once(':').expect("host and port");
    let script = format!(
        "from pymodbus.client import ModbusTcpClient\n\
         client = ModbusTcpClient('{host}', port={port})\nassert client.connect()\n\
         print(client.read_holding_registers(0, count=2, device_id=1).registers)\n\
         print(client.read_holding_registers(0, count=2, device_id=1).registers)"
    );
    python().args(["-c", &script])
}

#[test]
fn a_pymodbus_server_answers_our_request() {
    let server = python().args(["-c", SERVER]).start();
    let port = server.out.until(LONG, |bytes| {
        let text = String::from_utf8_lossy(bytes);
        text.split_once('\n').map(|(port, _)| port.to_owned())
    });
    let port = port.unwrap_or_else(|| panic!("no port: {}", server.err.shown()));
    let at = format!("127.0.0.1:{port}");
    let mut ours =
        sockeye(["connect", &at, "--frame", "modbus-tcp", "--view", "hex"]).open().start();
    ours.write(b"\x01\x03\0\0\0\x02\n");
    ours.sees("⟦00 01 00 00 00 06 01 03 00 00 00 02⟧");
    ours.sees("⟦00 01 00 00 00 07 01 03 04 00 07 00 08⟧");
}

#[test]
fn a_pymodbus_client_is_answered_by_our_rule_with_its_transaction_kept() {
    let rule = "hex:01 03 00 00 00 02 => hex:01 03 04 00 07 00 08";
    let ours = sockeye(["listen", "127.0.0.1:0", "--frame", "modbus-tcp", "--on", rule]).start();
    client(&ours.at()).run().exits(0).prints("[7, 8]\n[7, 8]\n");
}

#[test]
fn a_relay_passes_modbus_on_and_shows_its_frames() {
    let rule = "hex:01 03 00 00 00 02 => hex:01 03 04 00 07 00 08";
    let server = sockeye(["listen", "127.0.0.1:0", "--frame", "modbus-tcp", "--on", rule]).start();
    let relay = format!("relay 127.0.0.1:0 {} --frame modbus-tcp --view hex", server.at());
    let relay = words(&relay).start();
    client(&relay.at()).run().exits(0).prints("[7, 8]\n[7, 8]\n");
    relay.sees("07 01 03 04 00 07 00 08⟧");
}
