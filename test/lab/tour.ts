/**
 * Prints what the README's tour shows, from a real gateway in a namespace without a way out:
 * `node test/lab/tour.ts`, as root on Linux. The only change to the output is none.
 */
import { clawwatch, databasePath } from './clawwatch.ts';
import { createMachine } from './machine.ts';
import { createNetwork } from './namespaces.ts';
import { startGateway } from './openclaw.ts';

const network = createNetwork(['lan']);
const machine = await createMachine(network, { container: false });
try {
  const gateway = await startGateway(machine, { gateway: { bind: 'loopback' }, args: ['--bind', 'lan'] });
  const db = databasePath(machine);
  const show = async (...args: string[]) => {
    const { stdout, code } = await clawwatch(machine, [...args, '--db', db], {
      env: { HOME: gateway.home, COLUMNS: '100', LANG: 'C.UTF-8' },
    });
    console.log(`$ clawwatch ${args.join(' ')}\n${stdout}[exit ${code}]\n`);
    return stdout;
  };
  const status = await gateway.openclaw(['gateway', 'status', '--json']);
  const { bindMode, probeNote } = JSON.parse(status.stdout).gateway;
  console.log(`$ openclaw gateway status --json\n${JSON.stringify({ bindMode, probeNote })}\n`);
  const id = /F-[0-9A-Z]{6}/.exec(await show('scan'))?.[0];
  if (id) await show('explain', id);
  await show('listeners');
  await show('doctor');
  await gateway.stop();
  await show('scan');
} finally {
  machine.close();
  network.close();
}
