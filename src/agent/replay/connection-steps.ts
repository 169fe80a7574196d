import { answer, type ConnectWords, connect, endOf, inbound, listenEnd } from './net-steps.ts';
import type { Plan, StepWords, Translate } from './plan.ts';
import { needed } from './process-steps.ts';
import type { SimProcess } from './processes.ts';
import type { SimSocket } from './sockets.ts';
import { listenAt, netnsNamed, processNamed, StepProblem, type World } from './world.ts';

/** Seconds that a connection lasts of which a case does not say it. */
const HOLD_S = 1;

/** Words of cases about sockets and names. */
export const CONNECTION_STEPS: Readonly<Record<string, Translate>> = {
  connect: open,
  flow: open,
  udp: (words, plan) => open(words, plan, 'udp'),
  // The handshake of a connection that was opened with drop_syn ended well.
  est(words, plan) {
    plan.at(words.t, (world) => {
      const socket = socketNamed(world, words);
      socket.state = 'ESTABLISHED';
      socket.failed = false;
      world.isChanged = true;
    });
  },
  bytes(words, plan) {
    plan.at(words.t, (world) => add(world, socketNamed(world, words), words));
  },
  close(words, plan) {
    plan.at(words.t, (world, at) => {
      world.sockets.close(socketNamed(world, words), at);
      world.isStirred = true;
    });
  },
  exchange(words, plan) {
    const every = words.number('every', 1);
    for (let i = 0; i < words.number('n', 1); i++) {
      plan.at(words.t + i * every, (world) => add(world, socketNamed(world, words), words));
    }
  },
  inbound(words, plan) {
    let socket: SimSocket | undefined;
    plan.at(words.t, (world, at) => {
      const owner = words.textOr('owner', undefined);
      socket = inbound(
        world,
        words.text('from'),
        words.text('to'),
        owner === undefined ? undefined : needed(world, owner),
        at,
      );
      nameIt(world, words, socket);
    });
    closeAfter(words, plan, () => (socket === undefined ? [] : [socket]));
  },
  dns(words, plan) {
    plan.at(words.t, (world, at) => {
      const ip = words.textOr('ip', undefined);
      if (ip !== undefined) world.names.declare(words.text('name').replace(/\.$/, ''), ip);
      answer(world, needed(world, words.text('by')), {
        name: words.text('name').toLowerCase().replace(/\.$/, ''),
        type: words.textOr('type', 'A'),
        rcode: words.textOr('rcode', 'NOERROR'),
        at,
        ...(ip !== undefined && { address: ip }),
      });
      world.isChanged = true;
    });
  },
  // The name in the hello of a connection that is open.
  sni(words, plan) {
    plan.at(words.t, (world) => {
      world.hellos.set(socketNamed(world, words), words.text('name').toLowerCase());
      world.isChanged = true;
    });
  },
  listen(words, plan) {
    let socket: SimSocket | undefined;
    plan.at(words.t, (world, at) => {
      socket = listen(world, words, at);
    });
    if (words.step.hold !== undefined) {
      plan.at(words.t + words.number('hold', 0), (world, at) => {
        if (socket !== undefined) world.sockets.close(socket, at);
        world.isChanged = true;
      });
    }
  },
  udp_bind(words, plan) {
    plan.at(words.t, (world, at) => {
      const owner = needed(world, words.text('by'));
      listenAt(world, owner, listenEnd(words.text('addr')), at, { protocol: 'udp', state: 'UNCONN' });
      world.isChanged = true;
    });
  },
  unlisten(words, plan) {
    plan.at(words.t, (world, at) => unlisten(world, words, at));
  },
  // It gives up what it listens on at that port and listens elsewhere.
  relisten(words, plan) {
    plan.at(words.t, (world, at) => {
      unlisten(world, words, at);
      listen(world, words, at);
    });
  },
};

function open(words: StepWords, plan: Plan, by: 'tcp' | 'udp' = 'tcp'): void {
  let sockets: SimSocket[] = [];
  const protocol = words.textOr('proto', by) === 'udp' ? 'udp' : 'tcp';
  const asked: ConnectWords = {
    dst: words.text('dst'),
    tls: words.flag('tls'),
    hasQuestion: words.textOr('dns', '') !== 'none',
    out: words.number('out', 300),
    in: words.number('in', 300),
    dropSyn: words.flag('drop_syn'),
    refuse: words.flag('refuse'),
    closedByServer: words.textOr('closer', 'client') === 'server',
    protocol,
    ...(words.step.sni !== undefined && { sni: words.text('sni').toLowerCase() }),
    ...(words.step.as_sock !== undefined && { alias: words.text('as_sock') }),
  };
  plan.at(words.t, (world, at) => {
    const by = needed(world, words.text('by'));
    if (words.step.ip !== undefined) world.names.declare(endOf(asked.dst).host, words.text('ip'));
    sockets = connect(world, by, asked, at);
    noteContact(world, by, sockets[0], at);
  });
  pulses(words, plan, () => sockets[0]);
  closeAfter(words, plan, () => sockets);
}

/** A contact that was just seen rings nobody, as with the sensor. */
const SAME_CONTACT_MS = 60_000;

function noteContact(world: World, by: SimProcess, socket: SimSocket | undefined, at: number): void {
  const key = `${by.pid} ${socket?.remote?.address} ${socket?.remote?.port}`;
  const before = world.contactedAt.get(key);
  world.contactedAt.set(key, at);
  if (before === undefined || at - before >= SAME_CONTACT_MS) world.isChanged = true;
  else world.isStirred = true;
}

/** Bytes now and then on a connection that stays open. */
function pulses(words: StepWords, plan: Plan, socket: () => SimSocket | undefined): void {
  const beat = words.fields('pulses');
  if (beat === undefined) return;
  const [every, out, received] = [beat.every, beat.out, beat.in].map((value) => Number(value ?? 0)) as [
    number,
    number,
    number,
  ];
  if (!(every > 0)) throw new StepProblem(`${words.step.do} at t=${words.t}: pulses need every`);
  for (let t = every; t < words.number('hold', HOLD_S); t += every) {
    plan.at(words.t + t, (world) => {
      const open = socket();
      if (open === undefined) return;
      open.bytesOut += out;
      open.bytesIn += received;
      world.isStirred = true;
    });
  }
}

/** A connection that the case gives a name stays open until the case closes it. */
function closeAfter(words: StepWords, plan: Plan, sockets: () => readonly SimSocket[]): void {
  if (words.step.hold === undefined && words.step.as_sock !== undefined) return;
  plan.at(words.t + words.number('hold', HOLD_S), (world, at) => {
    for (const socket of sockets()) world.sockets.close(socket, at);
    world.isStirred = true;
  });
}

function add(world: World, socket: SimSocket, words: StepWords): void {
  socket.bytesOut += words.number('out', 0);
  socket.bytesIn += words.number('in', 0);
  world.isStirred = true;
}

function socketNamed(world: World, words: StepWords): SimSocket {
  const name = words.textOr('on', words.textOr('sock', ''));
  const found = world.socketAliases.get(name);
  if (found === undefined) throw new StepProblem(`there is no connection "${name.slice(0, 40)}" (as_sock)`);
  return found;
}

function nameIt(world: World, words: StepWords, socket: SimSocket): void {
  const alias = words.textOr('as_sock', undefined);
  if (alias !== undefined) world.socketAliases.set(alias, socket);
  world.isChanged = true;
}

function listen(world: World, words: StepWords, at: number): SimSocket {
  const owner = needed(world, words.text('by'));
  const local = listenEnd(words.text('addr'));
  const v6only = words.step.v6only;
  const socket = listenAt(
    world,
    words.step.netns === undefined ? owner : { ...owner, netns: netnsNamed(words.step.netns) },
    local,
    at,
    typeof v6only === 'boolean' ? { dualStack: v6only ? 'no' : 'yes' } : {},
  );
  nameIt(world, words, socket);
  return socket;
}

/** Closes the listeners of a process at a port; of the gateway those of its own port. */
function unlisten(world: World, words: StepWords, at: number): void {
  const owner: SimProcess | undefined = processNamed(world, words.text('by'));
  const { port } = listenEnd(words.text('addr'));
  for (const socket of [...world.sockets.current()]) {
    const isIt = socket.remote === undefined && socket.local.port === port && owner && socket.pids.includes(owner.pid);
    if (isIt) world.sockets.close(socket, at);
  }
  world.isChanged = true;
}
