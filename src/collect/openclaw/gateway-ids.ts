/**
 * Gives gateways their names: the profile, or profile and state directory where that name is taken. Once given, a name
 * stays with its installation while we run, so that somebody who creates a second `~/.openclaw` renames nobody.
 */
export interface GatewayIds {
  /** @param key what makes it the same installation after a restart: state directory, place, second port. */
  idFor(key: string, profile: string, place: string): string;
}

const MAX_REMEMBERED = 1_024;

/** A gateway that had a name before we started. */
export interface RememberedGateway {
  id: string;
  stateDir: string;
}

/**
 * @param remembered names of earlier runs, asked for once and not before a name is needed. Without them a second gateway of the same profile that is seen alone would get
 * the first one's name, and with it its history: every difference between the two would look like a change.
 */
export function createGatewayIds(remembered: () => readonly RememberedGateway[] = () => []): GatewayIds {
  const given = new Map<string, string>();
  let before: Map<string, string> | undefined;
  const taken = new Set<string>();
  return {
    idFor(key, profile, place) {
      if (before === undefined) {
        before = new Map(remembered().map(({ id, stateDir }) => [stateDir, id]));
        for (const id of before.values()) taken.add(id);
      }
      const known = given.get(key) ?? before.get(place);
      if (known !== undefined) return known;
      let id = profile;
      for (let attempt = 2; taken.has(id); attempt++) {
        id = attempt === 2 ? `${profile}@${place}` : `${profile}@${place}#${attempt - 1}`;
      }
      // Directories can be made faster than we forget them; beyond this many the name is worked out each time.
      if (given.size < MAX_REMEMBERED) {
        given.set(key, id);
        taken.add(id);
      }
      return id;
    },
  };
}
