import { fork } from "node:child_process";
import { once } from "node:events";
import type { LogWitness } from "@obsqra/features";
import { formatVerifierKey, toBase64, witnessKeyOf } from "@obsqra/receipts";
import { createWitness } from "../../src/create-witness.ts";

/** A witness in a process of its own, asked as the server asks it. */
export interface RunningWitness extends LogWitness, AsyncDisposable {}

/** Starts a witness that knows one log, and none of its trees yet. The same number is the same witness. */
export async function startWitness(
  number: number,
  { logKey, now }: { readonly logKey: string; readonly now: string },
): Promise<RunningWitness> {
  const name = `witness-${number}.example`;
  const secretKey = new Uint8Array(32).fill(100 + number);
  const script = new URL("./witness.process.ts", import.meta.url);
  const child = fork(script, [name, toBase64(secretKey), logKey, now], {
    execArgv: ["--disable-warning=ExperimentalWarning"],
  });
  const [port] = await once(child, "message");
  const key = formatVerifierKey(witnessKeyOf(name, secretKey));
  return {
    ...createWitness({ key, url: `http://127.0.0.1:${port}` }, fetch),
    [Symbol.asyncDispose]: async () => {
      const ended = once(child, "exit");
      child.kill("SIGKILL");
      await ended;
    },
  };
}
