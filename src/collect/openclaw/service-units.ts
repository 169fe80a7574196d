import type { FileView } from './file-view.ts';
import type { Home } from './homes.ts';
import { createFileMemo } from './memo.ts';
import { GATEWAY_UNIT_NAME, parseEnvironmentFile, parseServiceUnit, type ServiceUnit } from './service-unit.ts';

/** Where systemd looks for system units and for user units of everybody, strongest first. */
const SYSTEM_DIRECTORIES: readonly { path: string; scope: ServiceUnit['scope'] }[] = [
  { path: '/etc/systemd/system', scope: 'system' },
  { path: '/run/systemd/system', scope: 'system' },
  { path: '/usr/local/lib/systemd/system', scope: 'system' },
  { path: '/usr/lib/systemd/system', scope: 'system' },
  { path: '/lib/systemd/system', scope: 'system' },
  { path: '/etc/systemd/user', scope: 'user' },
  { path: '/usr/lib/systemd/user', scope: 'user' },
];

const MAX_UNIT_BYTES = 262_144;
const MAX_NAMES = 4_096;
const MAX_UNITS = 16;
const MAX_DROP_INS = 16;

/** Finds and reads the service units of gateways. */
export interface ServiceUnits {
  read(view: FileView, homes: readonly Home[]): ServiceUnit[];
}

export function createServiceUnits(): ServiceUnits {
  const names = createFileMemo<string[]>();
  const units = createFileMemo<ServiceUnit>();
  const markers = createFileMemo<Record<string, string>>();

  /** Unit names of one directory; listed again only when the directory changed. */
  function namesIn(view: FileView, directory: string): string[] {
    return names.get(directory, view, [directory], () => {
      const listed = view.list(directory, MAX_NAMES);
      return typeof listed === 'string'
        ? []
        : listed.filter((name) => GATEWAY_UNIT_NAME.test(name)).slice(0, MAX_UNITS);
    });
  }

  function readUnit(view: FileView, path: string, scope: ServiceUnit['scope'], home: Home | undefined): ServiceUnit {
    const dropInDirectory = `${path}.d`;
    const dropIns = names
      .get(dropInDirectory, view, [dropInDirectory], () => {
        const listed = view.list(dropInDirectory, MAX_NAMES);
        const files = typeof listed === 'string' ? [] : listed.filter((name) => name.endsWith('.conf'));
        return files.sort().slice(0, MAX_DROP_INS);
      })
      .map((name) => `${dropInDirectory}/${name}`);
    const unit = units.get(path, view, [path, dropInDirectory, ...dropIns], () => {
      const texts = [path, ...dropIns].map((file) => view.read(file, MAX_UNIT_BYTES, home?.uid));
      const origin = {
        name: path.slice(path.lastIndexOf('/') + 1),
        path,
        scope,
        ...(home?.uid === undefined ? {} : { uid: home.uid }),
      };
      const readable = texts.flatMap((text) => (text.ok ? [text.text] : []));
      return parseServiceUnit(origin, readable, home?.path);
    });
    const files = unit.environmentFiles;
    if (files.length === 0) return unit;
    return {
      ...unit,
      markers: { ...unit.markers, ...markers.get(path, view, files, () => environmentOf(view, unit)) },
    };
  }

  return {
    read(view, homes) {
      const system = SYSTEM_DIRECTORIES.flatMap(({ path, scope }) =>
        namesIn(view, path).map((name) => readUnit(view, `${path}/${name}`, scope, undefined)),
      );
      const personal = homes.flatMap((home) => {
        const directory = `${home.path}/.config/systemd/user`;
        return namesIn(view, directory).map((name) => readUnit(view, `${directory}/${name}`, 'user', home));
      });
      return firstOfEach([...personal, ...system]);
    },
  };
}

/** systemd lets EnvironmentFile= win over Environment=. */
function environmentOf(view: FileView, unit: ServiceUnit): Record<string, string> {
  const markers: Record<string, string> = {};
  for (const path of unit.environmentFiles) {
    const reading = view.read(path, MAX_UNIT_BYTES, unit.uid);
    if (reading.ok) Object.assign(markers, parseEnvironmentFile(reading.text));
  }
  return markers;
}

/** A unit in a stronger directory hides one of the same name, scope and user; `/lib` is often a link to `/usr/lib`. */
function firstOfEach(units: ServiceUnit[]): ServiceUnit[] {
  const seen = new Set<string>();
  return units.filter((unit) => {
    const key = `${unit.scope} ${unit.uid ?? ''} ${unit.name}`;
    return !seen.has(key) && seen.add(key);
  });
}
