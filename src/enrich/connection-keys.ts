import { connectionKey, type Endpoint, type Observation } from '../types/socket.ts';

/** Spells the keys of connections, look after look. */
export interface ConnectionKeys {
  /** Before the connections of a look. */
  begin(): void;
  /** See `connectionKey`; of a socket that is still there it is the very text of the look before. */
  of(socket: Observation): string;
  /** After them: sockets that are gone are forgotten. */
  end(): void;
}

interface Known {
  key: string;
  netns: string;
  protocol: string;
  local: Endpoint;
  remote: Endpoint | undefined;
  seenIn: number;
}

/**
 * A key is asked for in every stage, and to spell and hash ten thousand of them anew costs more than to look them all up.
 * The inode only finds the text; it is used again only where the socket has the ends that the text is made of.
 */
export function createConnectionKeys(): ConnectionKeys {
  const known = new Map<number, Known>();
  let look = 0;
  let seen = 0;
  return {
    begin() {
      look += 1;
      seen = 0;
    },
    of(socket) {
      const { inode, netns, protocol, local, remote } = socket;
      // Remnants have none, nor have the sockets of other systems.
      if (!inode) return connectionKey(socket);
      let old = known.get(inode);
      const isSame =
        old !== undefined &&
        old.netns === netns &&
        old.protocol === protocol &&
        isSameEnd(old.local, local) &&
        isSameEnd(old.remote, remote);
      if (old === undefined || !isSame) {
        old = { key: connectionKey(socket), netns, protocol, local, remote, seenIn: 0 };
        known.set(inode, old);
      }
      if (old.seenIn !== look) seen += 1;
      old.seenIn = look;
      return old.key;
    },
    end() {
      if (known.size <= seen) return;
      for (const [inode, { seenIn }] of known) if (seenIn !== look) known.delete(inode);
    },
  };
}

function isSameEnd(a: Endpoint | undefined, b: Endpoint | undefined): boolean {
  return a === b || (a !== undefined && b !== undefined && a.port === b.port && a.address === b.address);
}
