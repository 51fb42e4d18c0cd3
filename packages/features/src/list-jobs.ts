import type { MarketSource } from "@obsqra/market";
import { recheckWalletsJob } from "./accounts/wallets/wallets.jobs.ts";
import { refreshMarketJob } from "./market/market.jobs.ts";
import { renewForecastsJob, trainModelsJob } from "./predictions/predictions.jobs.ts";
import { cleanUpJob } from "./retention/retention.jobs.ts";
import { confirmTransactionsJob } from "./transactions/transactions.jobs.ts";

/** The jobs of all features. Without a Starknet node, nothing is asked about transactions, and nothing is sent to ask. */
export function listJobs(source: Pick<MarketSource, "name">, { hasChain }: { readonly hasChain: boolean }) {
  return [
    refreshMarketJob(source, renewForecastsJob.name),
    renewForecastsJob,
    trainModelsJob,
    hasChain ? confirmTransactionsJob : { ...confirmTransactionsJob, schedule: undefined },
    cleanUpJob,
    recheckWalletsJob,
  ];
}
