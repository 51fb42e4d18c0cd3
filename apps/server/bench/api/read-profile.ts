/** What the inspector's profiler gives: a tree of calls, and which of its nodes was running at each sample. */
export interface CpuProfile {
  readonly nodes: readonly {
    readonly id: number;
    readonly callFrame: {
      readonly functionName: string;
      readonly url: string;
      readonly lineNumber: number;
    };
  }[];
  readonly samples: readonly number[];
  /** Microseconds before each sample. */
  readonly timeDeltas: readonly number[];
}

/** Something that time went into, and its share of the time in which the thread was busy. */
export interface ProfileShare {
  readonly name: string;
  readonly share: number;
}

/** Where the time of a profile went; of itself, so that all shares add up to one. The largest first. */
export interface ProfileSummary {
  /** How much of the time the thread was busy, from 0 to 1. */
  readonly busy: number;
  readonly byPart: readonly ProfileShare[];
  readonly byFunction: readonly ProfileShare[];
}

/** Adds up a profile by package and by function. */
export function summariseProfile(profile: CpuProfile): ProfileSummary {
  const frames = new Map(profile.nodes.map(({ id, callFrame }) => [id, callFrame]));
  const byPart = new Map<string, number>();
  const byFunction = new Map<string, number>();
  let total = 0;
  let busy = 0;
  for (const [index, id] of profile.samples.entries()) {
    const time = profile.timeDeltas[index] ?? 0;
    const { functionName = "", url = "", lineNumber = 0 } = frames.get(id) ?? {};
    total += time;
    if (functionName === "(idle)") continue;
    busy += time;
    const part = partOf(functionName, url);
    add(byPart, part, time);
    const place = url === "" ? "" : ` (${part}, ${url.split("/").at(-1)}:${lineNumber + 1})`;
    add(byFunction, `${functionName || "(anonymous)"}${place}`, time);
  }
  return { busy: busy / total, byPart: toShares(byPart, busy), byFunction: toShares(byFunction, busy) };
}

function partOf(functionName: string, url: string): string {
  if (functionName === "(garbage collector)") return "garbage collection";
  if (functionName === "(program)") return "the engine and the system";
  // What is written in C++ has no file: writev, JSON.stringify's callees and the like.
  if (url === "") return "built-in functions";
  if (url.startsWith("node:")) return url.replace("node:internal/", "node:").split("/")[0] ?? url;
  const library = /\/node_modules\/\.pnpm\/[^/]+\/node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(url)?.[1];
  return library ?? /\/((?:packages|apps)\/[^/]+)\//.exec(url)?.[1] ?? url;
}

function add(times: Map<string, number>, name: string, time: number): void {
  times.set(name, (times.get(name) ?? 0) + time);
}

function toShares(times: ReadonlyMap<string, number>, whole: number): readonly ProfileShare[] {
  return [...times]
    .map(([name, time]) => ({ name, share: time / whole }))
    .toSorted((left, right) => right.share - left.share);
}
