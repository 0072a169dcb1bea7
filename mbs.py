import asyncio, sys
from pymodbus.server import ModbusTcpServer
try:
    from pymodbus.simulator import SimData, SimDevice
    from pymodbus.simulator import DataType
    ctx = SimDevice(1, simdata=[SimData(0, values=[7,8,9,10], datatype=DataType.REGISTERS)])
except Exception as e:
    print('sim', e, file=sys.stderr)
    from pymodbus.datastore import ModbusServerContext, ModbusDeviceContext, ModbusSequentialDataBlock
    ctx = ModbusServerContext(devices=ModbusDeviceContext(hr=ModbusSequentialDataBlock(1,[7,8,9,10])), single=True)
async def main():
    s = ModbusTcpServer(ctx, address=('127.0.0.1', int(sys.argv[1])))
    await s.serve_forever()
asyncio.run(main())
