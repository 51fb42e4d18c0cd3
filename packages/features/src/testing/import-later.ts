import { createSimulatedSource } from "@obsqra/market";
import { createTestClock } from "@obsqra/platform/testing";
import { importDataset } from "../market/import.service.ts";
import type { TestApi } from "./create-test-api.ts";

const dayMs = 86_400_000;

const began = createTestClock()().getTime();

/** Lets time pass until so many days after that of the snapshot, and imports the simulated history that has come in them. */
export async function importLater({ deps, clock }: TestApi, day: number): Promise<void> {
  const passed = clock().getTime() - began;
  clock.advance(Math.max(0, day * dayMs - passed));
  const days = 150 + Math.max(day, Math.floor(passed / dayMs));
  const source = createSimulatedSource({ seed: 1, clock, days });
  await importDataset(deps, await source.load());
}
