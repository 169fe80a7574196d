import type { Endpoint, Protocol } from '../../../types/socket.ts';

/** Values by protocol, local port and far end. Nested, because one text for each of fifty thousand sockets costs too much. */
export interface Ends<Value> {
  get(protocol: Protocol, localPort: number, remote: Endpoint): Value | undefined;
  set(protocol: Protocol, localPort: number, remote: Endpoint, value: Value): void;
  /** Removes those of which `isOver` says so. */
  sweep(isOver: (value: Value) => boolean): void;
  readonly size: number;
}

/** UDP has ports of its own. */
const UDP_PORTS = 0x1_0000;

export function createEnds<Value>(): Ends<Value> {
  const byAddress = new Map<string, Map<number, Map<number, Value>>>();
  let size = 0;

  return {
    get: (protocol, localPort, { address, port }) =>
      byAddress
        .get(address)
        ?.get(protocol === 'udp' ? port + UDP_PORTS : port)
        ?.get(localPort),
    set(protocol, localPort, { address, port }, value) {
      const farPort = protocol === 'udp' ? port + UDP_PORTS : port;
      const byPort = byAddress.get(address) ?? new Map<number, Map<number, Value>>();
      const values = byPort.get(farPort) ?? new Map<number, Value>();
      if (byPort.size === 0) byAddress.set(address, byPort);
      if (values.size === 0) byPort.set(farPort, values);
      const before = values.size;
      values.set(localPort, value);
      size += values.size - before;
    },
    sweep(isOver) {
      for (const [address, byPort] of byAddress) {
        for (const [farPort, values] of byPort) {
          for (const [localPort, value] of values) if (isOver(value) && values.delete(localPort)) size -= 1;
          if (values.size === 0) byPort.delete(farPort);
        }
        if (byPort.size === 0) byAddress.delete(address);
      }
    },
    get size() {
      return size;
    },
  };
}
