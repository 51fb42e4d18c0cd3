/** What the inspector's profiler gives: a tree of calls, and which of its nodes was running at each sample. */
export interface CpuProfile {
  readonly nodes: readonly {
    readonly id: number;
    readonly callFrame: {
      readonly functionName: string;
      readonly url: string;
      readonly lineNumber: number;
    };
    readonly children?: readonly number[];
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

/** How often the thread is sampled. */
export const samplingMicroseconds = 200;

/** A sample that comes later than this came late because another process had the core, which is nobody's doing here. */
const longestMicroseconds = 5 * samplingMicroseconds;

/** Adds up a profile by package and by function. */
export function summariseProfile(profile: CpuProfile): ProfileSummary {
  const frames = new Map(profile.nodes.map(({ id, callFrame }) => [id, callFrame]));
  const callers = new Map(
    profile.nodes.flatMap(({ id, children = [] }) => children.map((each) => [each, id])),
  );
  const byPart = new Map<string, number>();
  const byFunction = new Map<string, number>();
  let total = 0;
  let busy = 0;
  for (const [index, id] of profile.samples.entries()) {
    const time = Math.min(profile.timeDeltas[index] ?? 0, longestMicroseconds);
    const { functionName = "", url = "", lineNumber = 0 } = frames.get(id) ?? {};
    total += time;
    if (functionName === "(idle)") continue;
    busy += time;
    add(byPart, ownerOf(id, { frames, callers }), time);
    const place = url === "" ? "" : ` (${packageOf(url)}, ${url.split("/").at(-1)}:${lineNumber + 1})`;
    add(byFunction, `${functionName || "(anonymous)"}${place}`, time);
  }
  return { busy: busy / total, byPart: toShares(byPart, busy), byFunction: toShares(byFunction, busy) };
}

interface CallTree {
  readonly frames: ReadonlyMap<number, CpuProfile["nodes"][number]["callFrame"]>;
  readonly callers: ReadonlyMap<number, number>;
}

/**
 * On whose behalf something ran: the nearest package among its callers, so that what pg writes into a socket counts for pg. What
 * Node does in a turn of its own, such as writing what was gathered, counts for the part of Node.
 */
function ownerOf(id: number, { frames, callers }: CallTree): string {
  const name = frames.get(id)?.functionName;
  if (name === "(garbage collector)") return "garbage collection";
  let ofNode: string | undefined;
  for (let at: number | undefined = id; at !== undefined; at = callers.get(at)) {
    const { url = "" } = frames.get(at) ?? {};
    if (url === "") continue;
    if (!url.startsWith("node:")) return packageOf(url);
    ofNode ??= packageOf(url);
  }
  return ofNode ?? "the engine and the system";
}

function packageOf(url: string): string {
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
