import { listCalls } from "@obsqra/contract";
import type { Outcome } from "./outcome.ts";

/** How often each endpoint succeeded, and how it failed. */
export interface Coverage {
  add(path: string, outcome: Outcome): void;
  /** Takes over what another one has counted. */
  merge(other: Coverage): void;
  readonly counts: ReadonlyMap<string, ReadonlyMap<string, number>>;
  /** Endpoints that never succeeded. */
  withoutSuccess(): string[];
  /** One line per endpoint. */
  describe(): string;
}

const success = "success";

export function createCoverage(): Coverage {
  const counts = new Map(listCalls().map(({ path }) => [path, new Map<string, number>()] as const));
  const count = (path: string, what: string, times: number) => {
    const ofPath = counts.get(path);
    ofPath?.set(what, (ofPath.get(what) ?? 0) + times);
  };
  return {
    counts,
    add: (path, { error }) => count(path, error?.code ?? success, 1),
    merge: (other) => {
      for (const [path, codes] of other.counts) {
        for (const [what, times] of codes) count(path, what, times);
      }
    },
    withoutSuccess: () => [...counts].filter(([, codes]) => !codes.has(success)).map(([path]) => path),
    describe: () => [...counts].map(([path, codes]) => describeEndpoint(path, codes)).join("\n"),
  };
}

function describeEndpoint(path: string, codes: ReadonlyMap<string, number>): string {
  const others = [...codes].filter(([what]) => what !== success).sort(([, a], [, b]) => b - a);
  const failures = others.map(([code, times]) => `${code} ${times}`).join(", ");
  return `${path.padEnd(36)} ${String(codes.get(success) ?? 0).padStart(5)} succeeded; ${failures}`;
}
