import { describe, expect, inject, it } from "vitest";
import { createTestApi, type TestApi } from "../../testing/index.ts";

const samples = 1000;
const unlimited = { perEmailAndIp: 1e6, perIp: 1e6, mailsPerEmailAndIp: 1e6, mailsPerIp: 1e6 };
/** Of the median: much less than a hash, which is nearly all of it. What noise alone can do is added. */
const tolerance = 0.03;

// Measurements; that the same work is done is in login.engines.test.ts and password-resets.engines.test.ts. One engine is enough:
// the statements are the same.
describe.runIf(inject("databaseEngine") === "pglite")("a known email", () => {
  it(`takes as long as an unknown one: medians of ${samples} failed logins each`, async () => {
    await using api = await createTestApi({ throttleLimits: unlimited });
    await compareTimes(api, async (email) => {
      await expect(api.caller().auth.login({ email, password: "wrong" })).rejects.toThrow();
    });
  }, 600_000);

  it(`takes as long as an unknown one: medians of ${samples} requests for a new password each`, async () => {
    await using api = await createTestApi({ throttleLimits: unlimited });
    await compareTimes(api, (email) => api.caller().auth.request_password_reset({ email }));
  }, 600_000);
});

async function compareTimes(api: TestApi, ask: (email: string) => Promise<unknown>): Promise<void> {
  // Two accounts, so that the one that stands in for nobody is not the known one.
  for (const email of ["known@example.org", "zoe@example.org"]) await api.signUp(email);
  const timeOf = async (email: string) => {
    const startedAt = performance.now();
    await ask(email);
    return performance.now() - startedAt;
  };
  const times = { known: [] as number[], unknown: [] as number[] };
  // Side by side and in turn, so that whatever else the machine does falls on both alike.
  for (let sample = 0; sample < samples; sample += 1) {
    const order = sample % 2 === 0 ? (["known", "unknown"] as const) : (["unknown", "known"] as const);
    for (const kind of order) times[kind].push(await timeOf(`${kind}@example.org`));
  }
  const known = medianWithNoise(times.known);
  const unknown = medianWithNoise(times.unknown);
  const allowed = tolerance * unknown.median + known.noise + unknown.noise;
  expect(Math.abs(known.median - unknown.median)).toBeLessThan(allowed);
}

/**
 * The median and how far it may be off: half the notch of a box plot (McGill, Tukey and Larsen 1978, "Variations of Box
 * Plots"), 1.57 interquartile ranges by the root of the number of values.
 */
function medianWithNoise(values: readonly number[]): { median: number; noise: number } {
  const sorted = values.toSorted((left, right) => left - right);
  const at = (share: number) => sorted[Math.floor(share * sorted.length)] ?? Number.NaN;
  return { median: at(0.5), noise: (1.57 * (at(0.75) - at(0.25))) / Math.sqrt(sorted.length) };
}
