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

/** Why something that this process has said could not be written. */
let lost: NodeJS.ErrnoException | undefined;

// Without a listener, a full disk or a reader that has gone, as `head` does, would end the process with a stack trace, a server included.
for (const stream of [process.stdout, process.stderr]) {
  stream.on("error", (error: NodeJS.ErrnoException) => {
    lost ??= error;
  });
}

/**
 * Ends this process with a code, once everything that it has said is written. A database that gives up leaves timers behind, which
 * would keep the process from ending by itself. Where output was lost to anything but its reader, the code is never 0.
 */
export async function endProcess(code: number): Promise<never> {
  const { stdout, stderr } = process;
  const write = (stream: NodeJS.WriteStream, text: string) =>
    new Promise((resolve) => stream.write(text, resolve));
  await Promise.all([write(stdout, ""), write(stderr, "")]);
  if (lost === undefined || lost.code === "EPIPE") process.exit(code);
  await write(stderr, `What this has to say could not be written (${String(lost.code)}).\n`);
  process.exit(code === 0 ? 1 : code);
}

async function askAtTerminal(question: string): Promise<boolean> {
  const terminal = createInterface({ input: process.stdin, output: process.stdout });
  try {
    return /^y(es)?$/i.test((await terminal.question(question)).trim());
  } finally {
    terminal.close();
  }
}
