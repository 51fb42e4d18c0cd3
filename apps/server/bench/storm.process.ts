import { once } from "node:events";
import { setTimeout } from "node:timers/promises";
import { Worker } from "node:worker_threads";
import type { LoginStorm, LoginStormResult } from "./login-storm.worker.ts";
import type { SteadyUser, SteadyUserResult } from "./steady-user.worker.ts";

/** One storm of logins, and a user who asks meanwhile. */
export interface Storm {
  readonly user: SteadyUser;
  readonly logins: LoginStorm["logins"];
}

/** What the callers saw. */
export interface StormResult {
  readonly logins: LoginStormResult;
  readonly user: SteadyUserResult;
}

/** How long the user asks before a storm. */
const calmMs = 200;

// A process of its own, because starting threads would hold up the server's.
process.on("message", async (storm: Storm) => process.send?.(await runStorm(storm)));

async function runStorm({ user, logins }: Storm): Promise<StormResult> {
  const asking = startWorker("./steady-user.worker.ts", user);
  await setTimeout(calmMs);
  // Each worker sends one kind of message.
  const storm: LoginStorm = { url: user.url, logins };
  const [stormed] = (await once(startWorker("./login-storm.worker.ts", storm), "message")) as [
    LoginStormResult,
  ];
  asking.postMessage("stop");
  const [asked] = (await once(asking, "message")) as [SteadyUserResult];
  return { logins: stormed, user: asked };
}

function startWorker(file: string, workerData: LoginStorm | SteadyUser): Worker {
  return new Worker(new URL(file, import.meta.url), { workerData });
}
