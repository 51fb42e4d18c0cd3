import { type FuzzServer, startFuzzServer } from "./fuzz-server.ts";

/** What the server's process is asked to do: a method, and what it takes. */
export interface ControlRequest {
  readonly id: number;
  readonly method: Exclude<keyof FuzzServer, "url">;
  readonly argument: unknown;
}

/** What came of it. */
export interface ControlReply {
  readonly id: number;
  readonly result?: unknown;
  readonly error?: string;
}

// A process of its own, so that the fuzzer's memory is not taken for the server's.
const server = await startFuzzServer({
  variables: JSON.parse(process.argv[2] ?? "{}") as Record<string, string>,
});
process.on("message", async ({ id, method, argument }: ControlRequest) => {
  // The other side is typed by the same interface.
  const call = server[method] as (argument: unknown) => unknown;
  const response: ControlReply = await Promise.resolve(call(argument)).then(
    (result) => ({ id, result }),
    (error: unknown) => ({ id, error: String(error) }),
  );
  process.send?.(response);
  if (method === "close") process.disconnect();
});
process.send?.({ id: 0, result: server.url } satisfies ControlReply);
