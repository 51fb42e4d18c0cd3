import { homedir } from "node:os";
import { createInterface } from "node:readline";
import { Writable } from "node:stream";
import { exitCodes, UsageError } from "./exit-codes.ts";

/** Where text goes to. */
export interface Screen {
  write(text: string): void;
  /** Whether a person looks at it. */
  readonly isTerminal: boolean;
  /** How many characters a line has. */
  readonly columns: number;
}

/** What a command line takes from the process that it runs in. */
export interface Place {
  readonly parameters: readonly string[];
  /** `OBSQRA_URL`, `OBSQRA_API_KEY`, `OBSQRA_OWNER`, `XDG_CONFIG_HOME`. */
  readonly variables: Readonly<Record<string, string | undefined>>;
  /** The folder of the user's own files. */
  readonly home: string;
  readonly output: Screen;
  readonly complaints: Screen;
  /** Reads what is not shown: typed at a terminal, or the next line of standard input. */
  readonly readSecret: (question: string) => Promise<string>;
  /** The lines of standard input, until it ends. */
  readonly readLines: () => AsyncIterable<string>;
  /** Aborted by Ctrl-C. */
  readonly signal: AbortSignal;
  readonly fetch: typeof fetch;
}

/** The terminal that this process was started in. Ctrl-C ends what it does; whoever reads its output may have enough of it. */
export function thisTerminal(): Place {
  const interruption = new AbortController();
  process.once("SIGINT", () => interruption.abort());
  process.stdout.on("error", ({ code }: NodeJS.ErrnoException) => {
    if (code === "EPIPE") process.exit(exitCodes.done);
    process.stderr.write(`What this has to say could not be written (${String(code)}).\n`);
    process.exit(exitCodes.failed);
  });
  return {
    parameters: process.argv.slice(2),
    // biome-ignore lint/style/noProcessEnv: the one place that reads it.
    variables: process.env,
    home: homedir(),
    output: screenOf(process.stdout),
    complaints: screenOf(process.stderr),
    readSecret: createSecretReader(process.stdin, process.stderr, () => interruption.abort()),
    readLines: () => createInterface({ input: process.stdin, terminal: false }),
    signal: interruption.signal,
    fetch,
  };
}

/** A stream of this process as a screen. */
function screenOf(stream: NodeJS.WriteStream): Screen {
  return {
    write: (text) => void stream.write(text),
    isTerminal: stream.isTTY === true,
    columns: stream.isTTY === true ? stream.columns : Number.POSITIVE_INFINITY,
  };
}

/** Standard input; a file that it is read from keeps no process alive, and has no such methods. */
type Input = NodeJS.ReadableStream & {
  readonly isTTY?: boolean;
  readonly ref?: () => unknown;
  readonly unref?: () => unknown;
};

/** Reads secrets from standard input: a line each, which a terminal does not show. */
function createSecretReader(
  input: Input,
  output: NodeJS.WritableStream,
  interrupt: () => void,
): Place["readSecret"] {
  let lines: AsyncIterator<string> | undefined;
  return input.isTTY === true ? ask : readNext;

  async function ask(question: string): Promise<string> {
    output.write(`${question}: `);
    // Readline shows what is typed by writing it, which here leads nowhere.
    const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
    const terminal = createInterface({ input, output: nowhere, terminal: true });
    const line = await new Promise<string | undefined>((resolve) => {
      terminal.once("line", resolve);
      // By Ctrl-C, which no signal tells of while each key is read, or by Ctrl-D.
      terminal.once("close", () => resolve(undefined));
    });
    // From here on Ctrl-C is a signal again.
    terminal.close();
    output.write("\n");
    if (line === undefined) interrupt();
    return line ?? "";
  }

  async function readNext(question: string): Promise<string> {
    lines ??= createInterface({ input, terminal: false })[Symbol.asyncIterator]();
    input.ref?.();
    const line = await lines.next();
    // Whoever writes into a pipe may leave it open, which would keep the process alive.
    input.unref?.();
    if (line.done === true) throw new UsageError(`Standard input ends before the ${question}.`);
    return line.value;
  }
}
