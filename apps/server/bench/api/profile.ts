import { mkdir, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import type { BenchmarkRow } from "../../../../scripts/bench/benchmark.ts";
import type { apiCalls } from "./calls.ts";
import type { Clients } from "./clients.ts";
import { targetsOf, taskFor } from "./measure-calls.ts";
import {
  type CpuProfile,
  type ProfileShare,
  samplingMicroseconds,
  summariseProfile,
} from "./read-profile.ts";
import type { World } from "./start-world.ts";

/**
 * Profiles our server under the load of each call, and writes a `.cpuprofile` for each, which the developer tools of Chromium
 * and VS Code open.
 *
 * @returns shares of the time in which the server's thread was busy: by part, then by function, without what it calls
 */
export async function profileCalls(
  calls: typeof apiCalls,
  options: {
    readonly world: World;
    readonly clients: Clients;
    readonly folder: string;
    readonly seconds: number;
    readonly report: (line: string) => void;
  },
): Promise<readonly BenchmarkRow[]> {
  const rows: BenchmarkRow[] = [];
  const { world, clients, folder, seconds, report } = options;
  await mkdir(folder, { recursive: true });
  for (const call of calls) {
    for (const target of targetsOf(call).filter((each) => each === "rest" || each === "trpc")) {
      const task = { ...taskFor(world, call, target), until: { seconds } };
      // The engine has to have compiled what is hot.
      await clients.load(task);
      await using session = await openSession(world.servers[target].inspectorPort ?? 0);
      await session.send("Profiler.enable");
      await session.send("Profiler.setSamplingInterval", { interval: samplingMicroseconds });
      await session.send("Profiler.start");
      await clients.load(task);
      const { profile } = (await session.send("Profiler.stop")) as { profile: CpuProfile };
      const path = resolve(join(folder, `${call.name} ${target}.cpuprofile`.replace(/[^\w.]+/g, "-")));
      await writeFile(path, JSON.stringify(profile));
      report(`api: ${path}`);
      rows.push(...toRows(`${call.name}: ${target}`, profile));
    }
  }
  return rows;
}

/** Shares below this are not shown. */
const smallestShare = 0.01;

function toRows(name: string, profile: CpuProfile): readonly BenchmarkRow[] {
  const { busy, byPart, byFunction } = summariseProfile(profile);
  const toRow = (of: string) => (each: ProfileShare) => ({
    work: `${name}, ${of} ${each.name}`,
    measured: `${(each.share * 100).toFixed(1)} %`,
    bar: "none",
    met: true,
    peer: "",
  });
  const isShown = ({ share }: ProfileShare) => share >= smallestShare;
  return [
    toRow("of all time:")({ name: "busy", share: busy }),
    ...byPart.filter(isShown).map(toRow("part:")),
    ...byFunction.filter(isShown).map(toRow("function:")),
  ];
}

/** A session with the inspector of another process. */
interface InspectorSession extends AsyncDisposable {
  send(method: string, params?: object): Promise<unknown>;
}

async function openSession(port: number): Promise<InspectorSession> {
  const [target] = (await (await fetch(`http://127.0.0.1:${port}/json`)).json()) as [
    { webSocketDebuggerUrl: string },
  ];
  const socket = new WebSocket(target.webSocketDebuggerUrl);
  const waiting = new Map<number, PromiseWithResolvers<unknown>>();
  socket.addEventListener("message", ({ data }) => {
    const { id, result, error } = JSON.parse(String(data)) as {
      id?: number;
      result?: unknown;
      error?: object;
    };
    const waits = id === undefined ? undefined : waiting.get(id);
    if (error === undefined) waits?.resolve(result);
    else waits?.reject(new Error(JSON.stringify(error)));
  });
  await new Promise((done, fail) => {
    socket.addEventListener("open", done);
    socket.addEventListener("error", fail);
  });
  let sent = 0;
  return {
    send: (method, params = {}) => {
      sent += 1;
      const waits = Promise.withResolvers<unknown>();
      waiting.set(sent, waits);
      socket.send(JSON.stringify({ id: sent, method, params }));
      return waits.promise;
    },
    [Symbol.asyncDispose]: async () => socket.close(),
  };
}
