/** One thing that `doctor` checked. UNKNOWN: seen in part or not at all; NOTE: worth knowing, nothing to repair. */
export interface Check {
  name: string;
  state: 'OK' | 'NOTE' | 'UNKNOWN' | 'ERROR';
  text: string;
  fix?: string;
}
