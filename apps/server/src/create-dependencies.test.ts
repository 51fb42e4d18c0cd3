import { describe, expect, inject, it } from "vitest";
import { createTestFolder } from "../test/process/spawn-server.ts";
import { createDependencies, publicUrl } from "./create-dependencies.ts";
import { readEnvironment } from "./env.ts";

it.each([
  [{}, "http://localhost:8000"],
  [{ APP_URL: "https://app.example.org" }, "https://app.example.org"],
  [{ APP_URL: "https://app.example.org", PUBLIC_URL: "https://api.example.org" }, "https://api.example.org"],
])("has wallets sign for an origin of the deployment that is known: %j", (urls, origin) => {
  expect(publicUrl({ API_PORT: 8000, PUBLIC_URL: undefined, APP_URL: undefined, ...urls })).toBe(origin);
});

describe.runIf(inject("databaseEngine") === "pglite")("a server in production", () => {
  const production = {
    ENVIRONMENT: "production",
    SECRET_KEY: "4f1c9d27a8b3e650f7d2c41b9e8a7365",
    APP_URL: "https://app.example.org",
    SMTP_SERVER: "localhost",
    SMTP_FROM: "Obsqra <no-reply@example.org>",
  };

  async function chooseSource(variables: Record<string, string>): Promise<string> {
    await using folder = await createTestFolder("a database");
    const env = readEnvironment({ ...production, DATA_DIRECTORY: folder.data, ...variables });
    const log = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };
    const away: typeof fetch = () => Promise.reject(new TypeError("fetch failed"));
    const { source, close } = await createDependencies({
      env,
      log,
      clock: () => new Date(),
      fetch: away,
    });
    await close();
    return source.name;
  }

  it("does not fall back to invented figures, and serves them where they are asked for by name", async () => {
    await expect(chooseSource({})).rejects.toThrow(
      "No source is configured and DefiLlama is not reachable, so market data is simulated. In production nobody is advised",
    );
    expect(await chooseSource({ MARKET_SOURCE: "simulated" })).toBe("simulated");
  });
});
