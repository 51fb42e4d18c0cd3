import type { QueryClient } from "@tanstack/react-query";
import { follow } from "../follow.ts";
import { followTogether } from "../follow-together.ts";
import { isObsqraError } from "../obsqra-error.ts";
import type { EventTopic, LiveEvent, ObsqraClient } from "../router.ts";
import { affectedBy } from "./affected-by.ts";
import type { ObsqraQueries } from "./queries.ts";

const gatherMs = 50;

/** What live updates read, and what they keep up to date. */
export interface LiveUpdatesOptions {
  readonly client: ObsqraClient;
  readonly queries: ObsqraQueries;
  readonly queryClient: QueryClient;
  /** @default everything that the user may follow */
  readonly topics?: readonly EventTopic[];
  /** Tabs with the same name share a stream, as `followTogether` does: one for each user. @default a stream of its own */
  readonly name?: string;
  /** Called with each event. */
  readonly onEvent?: (event: LiveEvent) => void;
  /** Called when updates end by themselves, as with `TOKEN_INVALID` once the session has ended. */
  readonly onError?: (error: unknown) => void;
}

/**
 * Keeps queries up to date with what happens: an event marks the queries that it changes as out of date, and those on the
 * page are read again. What was read before the stream began is read once more when it begins.
 *
 * @returns what ends it
 *
 * @example
 * ```ts
 * useEffect(() => startLiveUpdates({ client: obsqra, queries, queryClient, name: `events of ${user.id}` }), [user.id]);
 * ```
 */
export function startLiveUpdates(options: LiveUpdatesOptions): () => void {
  const stop = new AbortController();
  run(options, stop.signal).catch((error: unknown) => {
    if (!stop.signal.aborted) options.onError?.(error);
  });
  return () => stop.abort();
}

async function run(options: LiveUpdatesOptions, signal: AbortSignal): Promise<void> {
  const invalidate = createInvalidation(options, signal);
  while (true) {
    try {
      for await (const event of open(options, signal)) {
        if (signal.aborted) return;
        invalidate(affectedBy(event.type));
        options.onEvent?.(event);
      }
      return;
    } catch (error) {
      // Too much has happened since the last event: a new stream begins with `stream.opened`, which reads all again.
      if (!isObsqraError(error, "EVENT_ID_INVALID")) throw error;
    }
  }
}

function open({ client, topics, name }: LiveUpdatesOptions, signal: AbortSignal): AsyncIterable<LiveEvent> {
  const input = topics === undefined ? {} : { topics };
  return name === undefined
    ? follow(client.events.follow, input, { signal })
    : followTogether(client.events.follow, input, { name, signal });
}

/** What comes within a moment is read again once: an import brings several events. */
function createInvalidation({ queries, queryClient }: LiveUpdatesOptions, signal: AbortSignal) {
  const root = queries.pathKey();
  const waiting = new Set<string>();
  return (paths: readonly string[]): void => {
    if (waiting.size === 0 && paths.length > 0) setTimeout(invalidate, gatherMs);
    for (const path of paths) waiting.add(path);
  };

  function invalidate(): void {
    const paths = [...waiting];
    waiting.clear();
    if (signal.aborted) return;
    for (const path of paths) {
      // A query that fails keeps its error, which is where it belongs.
      queryClient.invalidateQueries({ queryKey: [...root, ...path.split(".")] }).catch(() => {});
    }
  }
}
