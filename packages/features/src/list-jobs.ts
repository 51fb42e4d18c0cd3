import type { MarketSource } from "@obsqra/market";
import type { AnyJob } from "@obsqra/platform";
import { renewTotpSecretsJob } from "./accounts/second-factor/second-factor.jobs.ts";
import { recheckWalletsJob } from "./accounts/wallets/wallets.jobs.ts";
import { writeAlertsJob, writeDigestsJob } from "./alerts/alerts.jobs.ts";
import { refreshMarketJob } from "./market/market.jobs.ts";
import { compareScoresJob } from "./market/risk-engine/risk-engine.jobs.ts";
import {
  checkRebalancesJob,
  renewForecastsJob,
  scoreSuggestionsJob,
  trainModelsJob,
} from "./predictions/predictions.jobs.ts";
import { anchorLogJob, renewLogKeySealJob, writeLogJob } from "./receipts/receipts.jobs.ts";
import { cleanUpJob } from "./retention/retention.jobs.ts";
import { confirmTransactionsJob } from "./transactions/transactions.jobs.ts";
import { renewSecretsJob } from "./webhooks/webhooks.jobs.ts";

/** What is configured of what jobs ask outside. */
export interface JobTargets {
  readonly hasChain: boolean;
  readonly hasRiskEngine: boolean;
  readonly hasLogAnchor: boolean;
}

/** The jobs of all features. Without a Starknet node, or a contract there, nothing is sent to ask them. */
export function listJobs(
  source: Pick<MarketSource, "name">,
  { hasChain, hasRiskEngine, hasLogAnchor }: JobTargets,
) {
  return [
    refreshMarketJob(source, renewForecastsJob.name),
    renewForecastsJob,
    trainModelsJob,
    checkRebalancesJob,
    scoreSuggestionsJob,
    hasChain ? confirmTransactionsJob : off(confirmTransactionsJob),
    hasRiskEngine ? compareScoresJob : off(compareScoresJob),
    writeAlertsJob,
    writeDigestsJob,
    cleanUpJob,
    recheckWalletsJob,
    renewSecretsJob,
    renewTotpSecretsJob,
    writeLogJob,
    renewLogKeySealJob,
    hasLogAnchor ? anchorLogJob : off(anchorLogJob),
  ];
}

/** A job that is known, and not sent by its schedule. */
function off<TDependencies>(job: AnyJob<TDependencies>): AnyJob<TDependencies> {
  return { ...job, schedule: undefined, isOff: true };
}
