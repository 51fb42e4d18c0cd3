/** What was sent and what came back. */
export interface Tally {
  readonly calls: number;
  /** Responses by the class of their status, such as `4xx`. */
  readonly statuses: ReadonlyMap<string, number>;
  /** Responses that succeeded, by endpoint. */
  readonly successes: ReadonlyMap<string, number>;
  /** Counts a call of an endpoint, which may share its status with others of a batch. */
  count(call: { readonly path: string; readonly status: number; readonly isSuccess: boolean }): void;
  /** Counts a request that was written by hand. */
  countRequests(sent: number, statuses: readonly number[]): void;
}

export function createTally(): Tally {
  const statuses = new Map<string, number>();
  const successes = new Map<string, number>();
  let calls = 0;
  const countStatus = (status: number) => increment(statuses, `${Math.floor(status / 100)}xx`);
  return {
    get calls() {
      return calls;
    },
    statuses,
    successes,
    count: ({ path, status, isSuccess }) => {
      calls += 1;
      countStatus(status);
      if (isSuccess) increment(successes, path);
    },
    countRequests: (sent, statuses) => {
      calls += sent;
      for (const status of statuses) countStatus(status);
    },
  };
}

function increment(counts: Map<string, number>, key: string): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}
