import { createSimulatedSource } from "@obsqra/market";
import { importDataset } from "../market/import.service.ts";
import type { TestApi } from "./create-test-api.ts";

const dayMs = 86_400_000;

/**
 * Imports simulated history as it will be some days after the API's clock. Only the source is ahead: tokens would run out
 * with the API's own clock.
 */
export async function importLater({ deps, clock }: TestApi, days: number): Promise<void> {
  const later = () => new Date(clock().getTime() + days * dayMs);
  const source = createSimulatedSource({ seed: 1, clock: later, days: 150 + days });
  await importDataset(deps, await source.load());
}
