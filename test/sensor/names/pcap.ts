/** A packet as the tool writes it down: `sll_pkttype`, kind of device, and its bytes from the IP header on. */
export interface Recorded {
  type: number;
  device: number;
  data: Uint8Array;
}

/** A capture file; the packets are a second apart. */
export function capture(packets: readonly Recorded[], link: number, littleEndian: boolean, perSecond: number): Buffer {
  const word = (value: number) => {
    const bytes = Buffer.alloc(4);
    if (littleEndian) bytes.writeUInt32LE(value);
    else bytes.writeUInt32BE(value);
    return bytes;
  };
  const magic = perSecond === 1e9 ? 0xa1b23c4d : 0xa1b2c3d4;
  const head = [word(magic), word(littleEndian ? 0x00040002 : 0x00020004), word(0), word(0), word(2048), word(link)];
  const records = packets.map(({ type, device, data }, index) => {
    const cooked = Buffer.alloc(link === 276 ? 20 : 16);
    cooked.writeUInt16BE(device, link === 276 ? 8 : 2);
    if (link === 276) cooked[10] = type;
    else cooked.writeUInt16BE(type, 0);
    const length = word(cooked.length + data.length);
    return Buffer.concat([word(1_700_000_000 + index), word(perSecond / 4), length, length, cooked, data]);
  });
  return Buffer.concat([...head, ...records]);
}
