/** What every suite gets from the command line. */
export interface BenchOptions {
  /** Fewer rounds and smaller sizes, for a first look; bars are judged all the same. */
  quick: boolean;
  log: (line: string) => void;
}

/** A figure with the value it must not exceed. */
export interface Bar {
  name: string;
  value: number;
  limit: number;
  unit: string;
}

export interface SuiteResult {
  title: string;
  columns: string[];
  rows: (string | number)[][];
  bars: Bar[];
  notes: string[];
}

/** A folder entry `bench/suites/<name>.ts` exports `run`. */
export interface Suite {
  /**
   * `own`: it makes its own namespaces and must keep the machine's process numbers, so it runs outside of those that the
   * others share, and only when it is asked for by name.
   */
  place?: 'own';
  run(options: BenchOptions): Promise<SuiteResult | SuiteResult[]>;
}
