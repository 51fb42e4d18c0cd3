import { type Environment, loadEnvironment } from "./env.ts";

/** Where a program takes what it needs from, and where it writes to. */
export interface Place {
  readonly parameters: readonly string[];
  /** @throws EnvironmentError */
  readonly readEnvironment: () => Environment;
  /** Takes what was asked for. */
  readonly write: (text: string) => void;
  /** Takes why nothing came of it. */
  readonly complain: (text: string) => void;
}

/** The command line, the variables, standard output and standard error of this process. */
export const thisProcess: Place = {
  parameters: process.argv.slice(2),
  readEnvironment: loadEnvironment,
  write: (text) => void process.stdout.write(text),
  complain: (text) => void process.stderr.write(text),
};
