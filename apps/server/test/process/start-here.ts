import { readEnvironment } from "../../src/env.ts";
import { runServer } from "../../src/run-server.ts";
import type { TestFolder } from "./spawn-server.ts";

/**
 * Starts the server in this process, with these variables and no others, and gives its exit code and what it said: a process
 * of its own takes a second to start. Should it not refuse, it stops at once.
 */
export async function startHere(
  folder: TestFolder,
  variables: Record<string, string>,
): Promise<{ code: number; output: string }> {
  let output = "";
  const write = (text: string) => {
    output += text;
  };
  const code = await runServer({
    readEnvironment: () =>
      readEnvironment({
        API_HOST: "127.0.0.1",
        API_PORT: "0",
        DATA_DIRECTORY: folder.data,
        ENVIRONMENT: "test",
        ...variables,
      }),
    write,
    complain: write,
    stop: { signal: new AbortController().signal, requested: Promise.resolve() },
  });
  return { code, output };
}
