import { expect, it } from "vitest";
import { panelSha256 } from "../model-format/content-hash.ts";
import { syntheticPanel } from "../test-support/synthetic-panel.ts";
import { lastDayOf, truncateSeries } from "./market-series.ts";
import { readPanel, writePanel } from "./panel-documents.ts";

const panel = syntheticPanel({ markets: 4, days: 90, seed: 3, gapShare: 0.1 });

it("gives a panel back to the last bit, whatever its order and its values", async () => {
  const [first, ...others] = panel.toReversed();
  if (first === undefined) throw new Error("There is a market.");
  const odd = first.apy.map(
    (value, day) => [-0, Number.POSITIVE_INFINITY, 0.1 + 0.2, Number.NaN, 5e-324][day] ?? value,
  );
  const empty = { ...first, market_id: "none", days: new Int32Array() };
  for (const column of ["apy", "apy_base", "apy_reward", "tvl_usd", "utilization"] as const) {
    empty[column] = new Float64Array();
  }
  const written = [{ ...first, apy: odd }, ...others, { ...empty, frozen: new Uint8Array() }];
  const { head, months } = writePanel(written);
  const texts = new Map(months.map(({ sha256, text }) => [sha256, text]));
  const read = await readPanel(head.text, async (sha256) => texts.get(sha256) ?? "");
  expect(panelSha256(read)).toBe(panelSha256(written));
  expect(writePanel(read)).toEqual({ head, months });
});

it("changes the months only in which something is new", () => {
  const later = syntheticPanel({ markets: 4, days: 91, seed: 3, gapShare: 0.1 });
  const hashes = (of: typeof panel) => writePanel(of).months.map(({ sha256 }) => sha256);
  const cut = later.map((series) => truncateSeries(series, lastDayOf(later) - 1));
  const [before, after] = [hashes(cut), hashes(later)];
  expect(after.filter((hash) => !before.includes(hash))).toHaveLength(1);
});

it("refuses documents of another kind", async () => {
  const { head } = writePanel(panel);
  const read = (text: string) => readPanel(head.text, async () => text);
  const refused = { code: "INVALID_SERIES" };
  await expect(read("{}")).rejects.toMatchObject(refused);
  await expect(read('{"format":"obsqra-market-month-1","markets":[{}]}')).rejects.toMatchObject(refused);
  await expect(readPanel('{"format":"obsqra-market-snapshot-1"}', async () => "")).rejects.toMatchObject(
    refused,
  );
});
