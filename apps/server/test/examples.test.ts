import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { promisify } from "node:util";
import { deliverWebhooks } from "@obsqra/features";
import { createResolve, type GuardedPost, postGuarded } from "@obsqra/http";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { startBackground } from "../src/background.ts";
import { findFreePort } from "./find-free-port.ts";
import { examples, runExample } from "./run-example.ts";
import { startTestServer, type TestServer } from "./wire/start-test-server.ts";

const root = join(import.meta.dirname, "../../..");
const clientExamples = join(root, "packages/client/examples");

const hasCurl = await promisify(execFile)("curl", ["--version"]).then(
  () => true,
  () => false,
);

describe("the README", () => {
  it.each(["client.ts", "journey.sh", "in-process.ts"])("shows examples/%s as it is", async (name) => {
    const readme = await readFile(join(root, "README.md"), "utf8");
    const blocks = Array.from(readme.matchAll(/```(?:ts|sh)\n(.*?)```/gs), ([, block]) => block);
    expect(blocks).toContain(await readFile(join(examples, name), "utf8"));
  });
});

describe("docs/webhooks.md", () => {
  it("shows examples/receive-webhooks.ts as it is", async () => {
    const document = await readFile(join(root, "docs/webhooks.md"), "utf8");
    expect(document).toContain(
      `\`\`\`ts\n${await readFile(join(examples, "receive-webhooks.ts"), "utf8")}\`\`\`\n`,
    );
  });

  it.runIf(inject("databaseEngine") === "pglite")(
    "has a receiver that verifies what it is sent",
    async () => {
      await using server = await startTestServer({ webhookTargets: "any" });
      const { api } = server;
      // Libraries that verify signatures compare their times with the time of this machine.
      api.clock.advance(Date.now() - api.clock().getTime());
      const options = { rules: "any" as const, resolve: createResolve("any") };
      const post = (request: GuardedPost) => postGuarded(request, options);
      const background = startBackground(
        [
          {
            name: "webhooks",
            everyMs: 20,
            run: (signal) => deliverWebhooks({ ...api.deps, pause, post }, signal),
          },
        ],
        { log: api.deps.log },
      );
      try {
        const port = await findFreePort();
        const output = await runExample("receive-webhooks.ts", {
          "http://localhost:8000": server.url,
          "9000": String(port),
        });
        expect(output.trim().split("\n").sort()).toEqual(["transaction.logged false", "webhook.test true"]);
      } finally {
        await background.close();
      }
    },
  );
});

// They are the same on both engines, so once is enough. in-process.ts is run after a first start, whose data it uses.
describe.runIf(inject("databaseEngine") === "pglite")("the examples", () => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startTestServer({ withForecasts: true });
  });
  afterAll(() => server[Symbol.asyncDispose]());

  it("client.ts prints forecasts and an allocation", async () => {
    const output = await runExample("client.ts", { "http://localhost:8000": server.url });
    expect(output).toMatch(/ekubo: [\d.]+ % a year \(90 %: [\d.]+ to [\d.]+ %\)/);
    expect(output).toContain("These figures are simulated.");
    expect(output).toMatch(/\{ .*vesu: [\d.]+.* \} .*Put [\d.]+ % USDC in/);
  });

  it("of the client's README register, keep a session, make a key, read pages, check a log and log once", async () => {
    const runClientExample = (name: string, replacements: Record<string, string> = {}) =>
      runExample(name, { "http://localhost:8000": server.url, ...replacements }, clientExamples);
    expect(await runClientExample("use.ts")).toContain("rebalance");
    expect(await runClientExample("api-key.ts")).toMatch(/^\d+ protocols$/m);
    expect(await runClientExample("verify-transactions.ts")).toMatch(/^1 entries, [0-9a-f]{64}$/m);
    expect(await runClientExample("follow.ts")).toMatch(/^\d+ transactions so far\nlogged [0-9a-f-]{36}$/m);
    // The one before has logged this transaction.
    expect(await runClientExample("once.ts", { "0x5a1d": "0x5a1e" })).toMatch(/^[0-9a-f-]{36}$/m);
    // Each is a process, and all of them are compiled in any case.
    if (!inject("isLong")) return;
    expect(await runClientExample("reauthenticate.ts")).toContain("profile");
    expect(await runClientExample("pages.ts")).toMatch(/^simulated \d+$/m);
    const webSocket = { "ws://localhost:8000": server.url.replace("http", "ws") };
    expect(await runClientExample("web-socket.ts", webSocket)).toBe("over a WebSocket: stream.opened\n");
    expect(await runClientExample("observe.ts")).toMatch(
      /^GET service.version 200 \d+ ms [0-9a-f-]{36}\nversion /,
    );
    expect(await runClientExample("mock.ts")).toMatch(/^0 webhooks\ntrue .*\nTRANSACTION_NOT_FOUND\n$/);
  });

  it.skipIf(!hasCurl)("journey.sh registers, reads, optimises and logs a transaction", async () => {
    const output = await runExample("journey.sh", {
      "http://localhost:8000": server.url,
      "ada@example.org": "journey@example.org",
    });
    expect(output).toContain('"protocols":[');
    expect(output).toContain('"risk_score":');
    expect(output).toContain('"outcome":"rebalance"');
    expect(output.match(/"amount":"1250.5"/g)).toHaveLength(2);
    expect(output).not.toContain('"code":');
  });
});
