import { join } from "node:path";
import type { RiskForecast, Transaction } from "@obsqra/contract";
import { createTestDatabase } from "@obsqra/db/testing";
import { describe, expect, inject, it } from "vitest";
import { buildServer } from "../../src/build-server.ts";
import { readEnvironment } from "../../src/env.ts";
import { openApplication } from "../../src/open-application.ts";
import { createTestFolder } from "../process/spawn-server.ts";
import { callerSteps } from "./caller-steps.ts";
import { clientSteps } from "./client-steps.ts";
import { restSteps } from "./rest-steps.ts";
import { hasRealFile, writeGeneratedSample, writeRealSample } from "./sample-market-file.ts";
import { walk } from "./walk.ts";

/** A server on a free port, over its own database on the engine of the test project, with history from a file. */
async function startServer(writeSample: (path: string) => Promise<void>) {
  const stack = new AsyncDisposableStack();
  const isEmbedded = inject("databaseEngine") === "pglite";
  const folder = stack.use(await createTestFolder(isEmbedded ? "a database" : "nothing"));
  const database = isEmbedded ? undefined : stack.use(await createTestDatabase());
  const file = join(folder.path, "sample.csv");
  await writeSample(file);
  const application = stack.use(
    await openApplication(
      readEnvironment({
        MARKET_SOURCE: "file",
        MARKET_FILE: file,
        BACKTEST_WINDOW_DAYS: "14",
        DATA_DIRECTORY: folder.data,
        DATABASE_URL: database?.url,
        ENVIRONMENT: "test",
      }),
    ),
  );
  const app = await buildServer(application);
  stack.defer(() => app.close());
  const origin = await app.listen({ host: "127.0.0.1", port: 0 });
  return { origin, application, [Symbol.asyncDispose]: () => stack.disposeAsync() };
}

/** Replaces what is different for every user and every moment, so that the rest can be compared. */
function withoutIdentity(responses: Record<string, unknown>): unknown {
  const text = JSON.stringify(responses)
    .replaceAll(/[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}/g, "<id>")
    .replaceAll(/"hash":"[0-9a-f]{64}"/g, '"hash":"<hash>"')
    .replaceAll(/"created_at":"[^"]+"/g, '"created_at":"<time>"')
    .replaceAll(/[a-z]+@example\.org/g, "<email>");
  return JSON.parse(text);
}

const samples = [
  // For machines without the collected history, and in the long form.
  { name: "generated history", write: writeGeneratedSample, isThere: inject("isLong") || !hasRealFile },
  {
    name: "a sample of the collected history",
    write: writeRealSample,
    isThere: hasRealFile,
  },
];

describe.each(samples)("the whole journey on $name", ({ write, isThere }) => {
  it.skipIf(!isThere)(
    "gives the same responses by REST, by the client and in process",
    async () => {
      await using server = await startServer(write);
      const byRest = await walk(restSteps(server.origin), "rest@example.org");
      const byClient = await walk(clientSteps(server.origin), "client@example.org");
      const inProcess = await walk(callerSteps(server.application.api), "caller@example.org");
      expect(withoutIdentity(byClient)).toEqual(withoutIdentity(byRest));
      expect(withoutIdentity(inProcess)).toEqual(withoutIdentity(byRest));

      const { deposit, found, allocate, riskForecast, suggestion, secondSuggestion } = byRest as {
        deposit: Transaction;
        found: Transaction;
        allocate: Transaction;
        riskForecast: RiskForecast;
        suggestion: { allocation: Record<string, number>; outcome: string };
        secondSuggestion: { allocation: Record<string, number>; outcome: string };
      };
      expect(found).toEqual(deposit);
      expect(deposit.amount).toBe("1000000.000000000000000001");
      expect(allocate.status).toBe("pending");
      expect(riskForecast.items.length).toBeGreaterThan(2);
      expect(riskForecast.data_source).toMatchObject({ name: "file:sample.csv", simulated: false });
      const total = Object.values(suggestion.allocation).reduce((sum, share) => sum + share, 0);
      expect(total).toBeCloseTo(100, 9);
      expect(secondSuggestion).toMatchObject({ outcome: "hold", allocation: suggestion.allocation });
    },
    120_000,
  );
});
