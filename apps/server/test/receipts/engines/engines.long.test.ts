import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { writeWholeLog } from "@obsqra/features/testing";
import { verifyForecast } from "@obsqra/verify";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { startTestServer, type TestServer } from "../../wire/start-test-server.ts";
import { chromium, findProgram, firefox, node22, verifyIn } from "./run-in-engines.ts";

const chromiumPath = await findProgram("chromium", "chromium-browser", "google-chrome");
const firefoxPath = await findProgram("firefox-esr", "firefox");
const isHere = inject("databaseEngine") === "pglite";

describe.runIf(isHere)("a forecast that was made by Node 24 is made again to the last bit by", () => {
  let server: TestServer;
  let folder: string;
  beforeAll(async () => {
    server = await startTestServer({ withForecasts: true });
    await writeWholeLog(server.api);
    folder = await mkdtemp(join(tmpdir(), "obsqra-node-22-"));
  });
  afterAll(async () => {
    await server[Symbol.asyncDispose]();
    await rm(folder, { recursive: true });
  });

  /** Forecasts of a lending market and of a pool, of yield and risk, and of a protocol. */
  async function receipts() {
    const { predictions, receipts } = server.api.caller();
    const { items: markets } = await predictions.forecast_history({ granularity: "market" });
    const { items: protocols } = await predictions.forecast_history({ granularity: "protocol" });
    const wanted = new Map(
      [...markets, ...protocols].map((item) => [
        `${item.kind} ${item.protocol} ${item.market_id === null}`,
        item,
      ]),
    );
    const chosen = ["yield ekubo false", "risk ekubo false", "yield vesu false", "yield vesu true"];
    return Promise.all(chosen.map((name) => receipts.forecast({ forecast_id: wanted.get(name)?.id ?? "" })));
  }

  async function expectSame(engine: Parameters<typeof verifyIn>[0]) {
    const logUrl = `${server.url}/log`;
    for (const receipt of await receipts()) {
      const here = await verifyForecast(receipt, { logUrl });
      const { checks } = await verifyIn(engine, { receipt, logUrl, rounds: 2 });
      expect(checks).toEqual(here.checks);
      const made = checks.slice(-4).map(({ name, state }) => `${name} ${state}`);
      expect(made).toEqual(["model passed", "data passed", "re_execution passed", "calibration passed"]);
    }
  }

  it("Node 22", async () => {
    await writeFile(join(folder, "package.json"), "{}");
    await promisify(execFile)("npm", ["install", "--no-audit", "--no-fund", "node@22"], { cwd: folder });
    await expectSame(node22(join(folder, "node_modules/.bin/node")));
  });

  it.runIf(chromiumPath)("Chromium (needs chromium on the PATH)", async () => {
    await expectSame(chromium(chromiumPath ?? ""));
  });

  it.runIf(firefoxPath)("Firefox (needs firefox-esr on the PATH)", async () => {
    await expectSame(firefox(firefoxPath ?? ""));
  });
});
