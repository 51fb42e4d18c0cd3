import { randomUUID } from "node:crypto";
import type { FuzzTarget } from "../open-fuzz-target.ts";
import { createTally, type Tally } from "../tally.ts";
import { createCaller } from "./caller.ts";
import type { World } from "./world.ts";

/** What a world may have of its own. */
export interface WorldOptions {
  readonly tally?: Tally;
  /** How long a response may take. @default long */
  readonly patienceMs?: number;
}

/** A world of its own on a server that others use as well: nobody else's users, wallets or transactions matter. */
export function createWorld(target: FuzzTarget, options: WorldOptions = {}): World & Disposable {
  const { server, node } = target;
  const { tally = createTally(), patienceMs } = options;
  const caller = createCaller(server.url, tally, patienceMs);
  return {
    server,
    caller,
    tally,
    node,
    users: [],
    stranger: { uses: 0 },
    mail: [],
    wallets: [],
    now: 0,
    unique: randomUUID,
    [Symbol.dispose]: () => caller[Symbol.dispose](),
  };
}
