import { runServer } from "./run-server.ts";
import { stopOnSignal } from "./stop-on-signal.ts";
import { thisProcess } from "./this-process.ts";

const stop = stopOnSignal(15_000, () => process.exit(1));
process.exit(await runServer({ ...thisProcess, stop }));
