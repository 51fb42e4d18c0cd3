import { describe, expect, it } from "vitest";
import { createMarketSource } from "./select-market-source.ts";

const clock = () => new Date("2025-06-01T12:00:00.000Z");
const reachable: typeof fetch = async () => Response.json({ data: [] });
const unreachable: typeof fetch = () => Promise.reject(new TypeError("fetch failed"));
const unexpected: typeof fetch = () => Promise.reject(new Error("no request was expected"));

describe("a stated source is used without asking the network", () => {
  it.each([
    [{ source: "file", filePath: "/data/history.csv.gz" }, "file:history.csv.gz", false],
    [{ source: "defillama" }, "defillama", false],
    [{ source: "simulated" }, "simulated", true],
  ] as const)("%o", async (settings, name, simulated) => {
    const { source, reason } = await createMarketSource(settings, { clock, fetch: unexpected });
    expect(source).toMatchObject({ name, simulated });
    expect(reason).toContain("configured");
  });

  it("refuses a file without a path", async () => {
    await expect(createMarketSource({ source: "file" }, { clock, fetch: unexpected })).rejects.toMatchObject({
      code: "SETTINGS_INVALID",
    });
  });
});

describe("without a stated source", () => {
  it("uses DefiLlama when it is reachable", async () => {
    const { source, reason } = await createMarketSource({}, { clock, fetch: reachable });
    expect(source.name).toBe("defillama");
    expect(reason).toBe("No source is configured and DefiLlama is reachable.");
  });

  it("falls back to the simulation, and says so", async () => {
    const { source, reason } = await createMarketSource({}, { clock, fetch: unreachable });
    expect(source).toMatchObject({ name: "simulated", simulated: true });
    expect(reason).toBe(
      "No source is configured and DefiLlama is not reachable, so market data is simulated.",
    );
  });

  it("asks where the settings say", async () => {
    const asked: string[] = [];
    const spy: typeof fetch = async (url) => {
      asked.push(String(url));
      return Response.json({ data: [] });
    };
    await createMarketSource({ defillamaUrl: "http://localhost:9/" }, { clock, fetch: spy });
    expect(asked).toEqual(["http://localhost:9/pools"]);
  });

  it("does not mistake being stopped for being offline", async () => {
    const reason = new Error("shutting down");
    const choice = createMarketSource({}, { clock, fetch: unreachable, signal: AbortSignal.abort(reason) });
    await expect(choice).rejects.toBe(reason);
  });
});
