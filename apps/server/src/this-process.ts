import { createInterface } from "node:readline/promises";
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

/** Where a command of an operator is given. */
export interface CommandPlace extends Place {
  /** Asks a person and waits for y or n; undefined where nobody could reply. */
  readonly ask: ((question: string) => Promise<boolean>) | undefined;
}

/** The command line, the variables, standard output and standard error of this process, and whoever sits at its terminal. */
export const thisProcess: CommandPlace = {
  parameters: process.argv.slice(2),
  readEnvironment: loadEnvironment,
  write: (text) => void process.stdout.write(text),
  ask: process.stdin.isTTY && process.stdout.isTTY ? askAtTerminal : undefined,
  complain: (text) => void process.stderr.write(text),
};

/**
 * Ends this process with a code, once everything that it has said is written. A database that gives up leaves timers behind, which
 * would keep the process from ending by itself.
 */
export async function endProcess(code: number): Promise<never> {
  const { stdout, stderr } = process;
  await Promise.all([stdout, stderr].map((stream) => new Promise((resolve) => stream.write("", resolve))));
  process.exit(code);
}

async function askAtTerminal(question: string): Promise<boolean> {
  const terminal = createInterface({ input: process.stdin, output: process.stdout });
  try {
    return /^y(es)?$/i.test((await terminal.question(question)).trim());
  } finally {
    terminal.close();
  }
}
