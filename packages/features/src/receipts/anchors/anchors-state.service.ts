import { getJobRuns } from "@obsqra/platform";
import type { AnchorsDependencies } from "./anchors.service.ts";
import { type AnchorsRun, anchorsRun, type SentAnchor } from "./anchors-run.ts";

/** The name of the job, by which its results are found again. */
export const anchorLogJobName = "log.anchor";

type Dependencies = Pick<AnchorsDependencies, "db" | "clock" | "logAnchoring">;

/** Whether trees of the log are anchored, as operators are told. */
export type LogAnchorState =
  | "anchored"
  | "waiting"
  | "late"
  | "differs"
  | "not the owner"
  | "no contract"
  | "too expensive"
  | "no funds"
  | "no key"
  | "refused"
  | "node unreachable"
  | "not configured"
  | "unknown";

const lateMs = 3 * 60 * 60_000;

/**
 * What the newest run with this contract came to, whichever process has made it; `unknown` before the first, `late` where a tree is under
 * way for three hours, and `node unreachable` where the newest run has failed.
 */
export async function getLogAnchorState(deps: Dependencies): Promise<LogAnchorState> {
  if (deps.logAnchoring === undefined) return "not configured";
  const [last, newest] = await findRuns(deps);
  if (newest === "failed" || newest === "retry") return "node unreachable";
  if (last === undefined) return "unknown";
  const since = last.outcome === "waiting" ? last.sent?.waiting_since : undefined;
  if (since !== undefined && deps.clock().getTime() - Date.parse(since) > lateMs) return "late";
  return states[last.outcome];
}

const states: Readonly<Record<AnchorsRun["outcome"], LogAnchorState>> = {
  anchored: "anchored",
  waiting: "waiting",
  differs: "differs",
  not_owner: "not the owner",
  no_contract: "no contract",
  too_expensive: "too expensive",
  no_funds: "no funds",
  no_key: "no key",
  refused: "refused",
  not_configured: "not configured",
};

/** The largest tree that was found to be anchored, and when that was; undefined where none is known. */
export async function getAnchoredTree(
  deps: Dependencies,
): Promise<{ readonly size: number; readonly anchored_at: Date } | undefined> {
  if (deps.logAnchoring === undefined) return undefined;
  const [last] = await findRuns(deps);
  if (last?.size === undefined || last.anchored_at === undefined) return undefined;
  return { size: last.size, anchored_at: new Date(last.anchored_at) };
}

/** What is under way since the run before; undefined where nothing is. */
export async function findSentAnchor(deps: Dependencies): Promise<SentAnchor | undefined> {
  const [last] = await findRuns(deps);
  return last?.sent;
}

/** The newest run with this contract that came to something, and how the newest of all goes. */
async function findRuns({
  db,
  logAnchoring,
}: Dependencies): Promise<[AnchorsRun | undefined, string | undefined]> {
  const runs = await getJobRuns({ db }, anchorLogJobName, 20);
  for (const { state, output } of runs) {
    const run = state === "completed" ? anchorsRun.safeParse(output) : undefined;
    if (run?.success && run.data.contract === logAnchoring?.anchor.contract)
      return [run.data, runs[0]?.state];
  }
  return [undefined, runs[0]?.state];
}
