import { homedir } from "node:os";
import { createInterface } from "node:readline";
import { Writable } from "node:stream";

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
  /** `OBSQRA_URL`, `OBSQRA_API_KEY`, `XDG_CONFIG_HOME`. */
  readonly variables: Readonly<Record<string, string | undefined>>;
  /** The folder of the user's own files. */
  readonly home: string;
  readonly output: Screen;
  readonly complaints: Screen;
  /** Reads what is not shown: typed at a terminal, or the next line of standard input. */
  readonly readSecret: (question: string) => Promise<string>;
  /** Aborted by Ctrl-C. */
  readonly signal: AbortSignal;
  readonly fetch: typeof fetch;
}

/** The terminal that this process was started in. Ctrl-C ends what it does; whoever reads its output may have enough of it. */
export function thisTerminal(): Place {
  const interruption = new AbortController();
  process.once("SIGINT", () => interruption.abort());
  process.stdout.on("error", () => process.exit(0));
  return {
    parameters: process.argv.slice(2),
    // biome-ignore lint/style/noProcessEnv: the one place that reads it.
    variables: process.env,
    home: homedir(),
    output: screenOf(process.stdout),
    complaints: screenOf(process.stderr),
    readSecret: createSecretReader(process.stdin, process.stderr),
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

/** Reads secrets from standard input: a line each, which a terminal does not show. */
function createSecretReader(input: NodeJS.ReadStream, output: NodeJS.WritableStream): Place["readSecret"] {
  let lines: AsyncIterator<string> | undefined;
  return async (question) => {
    if (input.isTTY) output.write(`${question}: `);
    // Readline shows what is typed by writing it, which here leads nowhere.
    const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
    lines ??= createInterface({ input, output: nowhere, terminal: input.isTTY === true })[
      Symbol.asyncIterator
    ]();
    const line = await lines.next();
    if (input.isTTY) output.write("\n");
    // Piped input keeps the process alive otherwise, and a terminal is not read any more.
    input.unref();
    return line.done === true ? "" : line.value;
  };
}
