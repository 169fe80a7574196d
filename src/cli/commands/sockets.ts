import type { Connection, Listener } from '../../types/snapshot.ts';
import { connectionAnswer, listenerAnswer } from '../answers.ts';
import type { Run } from '../context.ts';
import { answerListing, type ListingOptions } from '../listing.ts';
import { connectionTable, listenerTable } from '../socket-tables.ts';

/** `clawwatch listeners`: everything on this machine that waits for others, gateways first. */
export const listeners: Run<ListingOptions> = (context, options) =>
  answerListing<Listener>(context, options, {
    command: 'listeners',
    recorded: (reader) => reader.listeners({ open: true }).map((record) => record.listener),
    live: (snapshot) => snapshot.listeners,
    wanted: () => true,
    hidden: '',
    table: (sockets, context) => listenerTable(sockets, context.io.now(), context.paint),
    json: listenerAnswer,
    noun: 'listening socket',
    mayLack: ({ socketsMissing }) => socketsMissing === true,
  });

/** `clawwatch connections`: whom OpenClaw talks to; with `--all` the whole machine. */
export const connections: Run<ListingOptions> = (context, options) =>
  answerListing<Connection>(context, options, {
    command: 'connections',
    recorded: (reader) => reader.connections({ open: true }).map((record) => record.connection),
    live: (snapshot) => snapshot.connections,
    wanted: (connection) => options.all === true || connection.gatewayId !== undefined,
    hidden: 'not of OpenClaw (--all shows them)',
    table: (sockets, context) => connectionTable(sockets, context.io.now(), context.paint),
    json: connectionAnswer,
    noun: 'connection',
    mayLack: ({ socketsMissing }) => socketsMissing === true,
  });
