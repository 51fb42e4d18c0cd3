import { type AnyJob, defineJob, getEventsHeldSince } from "@obsqra/platform";
import { z } from "zod";
import { type AnchorsDependencies, anchorLog } from "./anchors/anchors.service.ts";
import { anchorLogJobName, findSentAnchor } from "./anchors/anchors-state.service.ts";
import { keepChainHashes, logChainHeads } from "./chains/chain-heads.service.ts";
import type { LogDependencies } from "./log/append-log.service.ts";
import { renewLogKeySeal } from "./log/append-log.service.ts";
import { writeLog } from "./log/write-log.service.ts";
import {
  logSuggestionOutcomes,
  type SuggestionOutcomeDependencies,
} from "./suggestion-outcomes/suggestion-outcomes.service.ts";
import { type CosignatureDependencies, collectCosignatures } from "./witnesses/cosignatures.service.ts";

/** Commits to what was forecast, advised and came true, and asks the witnesses to say when. */
export const writeLogJob: AnyJob<SuggestionOutcomeDependencies & CosignatureDependencies> = defineJob({
  name: "log.write",
  summary:
    "Appends forecasts, suggestions, outcomes of both, corrections and, hourly, where users' chains end to the transparency log, signs it, and has it cosigned.",
  schema: z.strictObject({}),
  schedule: "* * * * *",
  run: async (deps, { signal }) => {
    const heldSince = await getEventsHeldSince(deps);
    if (heldSince !== undefined) {
      deps.log.warn({ since: heldSince }, "Events wait for a transaction of the database's cluster to end.");
    }
    await keepChainHashes(deps);
    return {
      ...(await writeLog(deps, signal)),
      suggestion_outcomes: await logSuggestionOutcomes(deps),
      chain_heads: await logChainHeads(deps),
      ...(heldSince !== undefined && { events_held_since: heldSince.toISOString() }),
      cosignatures: await collectCosignatures(deps, signal),
    };
  },
});

/** Has a contract on Starknet keep trees of the log. */
export const anchorLogJob: AnyJob<AnchorsDependencies> = defineJob({
  name: anchorLogJobName,
  summary:
    "Sends the newest tree of the transparency log to the contract on Starknet that keeps them, and reads back what it keeps.",
  schema: z.strictObject({}),
  schedule: "*/5 * * * *",
  run: async (deps) => anchorLog(deps, await findSentAnchor(deps)),
});

/** Lets an earlier SECRET_KEY go a day after it was replaced. */
export const renewLogKeySealJob: AnyJob<LogDependencies> = defineJob({
  name: "log.renew_seal",
  summary: "Seals the key of the transparency log with the newest secret, so that earlier ones may go.",
  schema: z.strictObject({}),
  schedule: "17 * * * *",
  run: async (deps) => ({ renewed: await renewLogKeySeal(deps) }),
});
