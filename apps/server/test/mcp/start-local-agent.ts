import { createInterface } from "node:readline";
import { PassThrough } from "node:stream";
import { runCli } from "@obsqra/cli";

/** An agent that has started `obsqra mcp`. */
export function startAgent(url: string, apiKey?: string) {
  const input = new PassThrough();
  const answers: Record<string, unknown>[] = [];
  const complaints: string[] = [];
  const end = runCli(
    {
      parameters: ["mcp", "--url", url],
      variables: { OBSQRA_API_KEY: apiKey },
      home: "/nowhere",
      output: {
        write: (text) => void answers.push(JSON.parse(text)),
        isTerminal: false,
        columns: Number.POSITIVE_INFINITY,
      },
      complaints: { write: (text) => void complaints.push(text), isTerminal: false, columns: 80 },
      readSecret: async () => "",
      readLines: () => createInterface({ input, terminal: false }),
      signal: new AbortController().signal,
      fetch,
    },
    { version: "1.0.0" },
  );
  return {
    complaints,
    say: (message: object | string) =>
      void input.write(`${typeof message === "string" ? message : JSON.stringify(message)}\n`),
    finish: async () => {
      input.end();
      const code = await end;
      return { code, answers: new Map(answers.map((answer) => [answer.id, answer])) };
    },
  };
}
