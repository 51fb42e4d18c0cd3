import { waitForEvents } from "@obsqra/db/testing";
import { createSimulatedSource } from "@obsqra/market";
import { panelSha256 } from "@obsqra/ml";
import type { AppError } from "@obsqra/platform";
import fc from "fast-check";
import { expect, it } from "vitest";
import { countAttempt } from "../src/accounts/throttle/throttle.service.ts";
import { deliverEmails } from "../src/mail/delivery.service.ts";
import { loadPanel } from "../src/market/market.service.ts";
import { refreshMarketHistory } from "../src/market/refresh.service.ts";
import { recordActuals } from "../src/predictions/forecasts/actuals.service.ts";
import { retrainModels } from "../src/predictions/models/retrain-models.service.ts";
import { getForecastRecord } from "../src/predictions/track-record/alert-records.service.ts";
import {
  askForReset,
  codeOf,
  createChainTestApi,
  createTestApi,
  forecastHere,
  importLater,
  logIn,
  promoteAlways,
  type TestApi,
  trainOnce,
} from "../src/testing/index.ts";
import { confirmTransactions } from "../src/transactions/confirmations.service.ts";
import { quickHasher } from "./paging/quick-hasher.ts";

const minuteMs = 60_000;
const dayMs = 24 * 60 * minuteMs;
const email = "ada@example.org";

/** Time that passes, and how far the clock is set forward or back besides. */
const steps = fc.array(
  fc.record({
    passesMs: fc.integer({ min: 0, max: 5 * minuteMs }),
    jumpMs: fc.integer({ min: -3 * dayMs, max: 3 * dayMs }),
  }),
  { minLength: 1, maxLength: 8 },
);

const runs = { numRuns: 25, seed: 12 };

/** A fresh account in the same database, whatever the clock says by now. */
async function signUp(api: TestApi) {
  const address = `${api.deps.createId()}@example.org`;
  await api.caller().auth.register({ email: address, password: "correct horse battery", full_name: "Ada" });
  return logIn(api, { email: address });
}

it("never takes a session for a recent one that was used when it no longer was, wherever the clock is set", async () => {
  await using api = await createTestApi({
    passwordHasher: quickHasher,
    throttleLimits: { perEmailAndIp: 1e6, perIp: 1e6 },
  });
  await fc.assert(
    fc.asyncProperty(steps, async (taken) => {
      const { caller } = await signUp(api);
      api.clock.advance(11 * minuteMs);
      expect(await codeOf(caller.auth.logout_everywhere())).toBe("REAUTHENTICATION_NEEDED");
      for (const { passesMs, jumpMs } of taken) {
        api.clock.advance(passesMs + jumpMs);
        const code = await codeOf(caller.auth.logout_everywhere());
        // The token has a time of its own, after which nothing is let in.
        expect(["REAUTHENTICATION_NEEDED", "TOKEN_EXPIRED", "TOKEN_INVALID"]).toContain(code);
      }
    }),
    runs,
  );
});

it("takes no session for a recent one that seems to begin only later", async () => {
  await using api = await createTestApi();
  await api.signUp(email);
  const { caller, refresh_token } = await logIn(api, { email });
  api.clock.advance(-2 * dayMs);
  // The access token is refused for the same reason; a new one is of the same session.
  expect(await codeOf(caller.auth.logout_everywhere())).toBe("TOKEN_INVALID");
  const { access_token } = await api.caller().auth.refresh({ refresh_token });
  expect(await codeOf(api.caller(access_token).auth.me())).toBeUndefined();
  expect(await codeOf(api.caller(access_token).auth.logout_everywhere())).toBe("REAUTHENTICATION_NEEDED");
});

it("lets nobody wait for longer than the longest delay, nor guess more often, wherever the clock is set", async () => {
  await using api = await createTestApi();
  await fc.assert(
    fc.asyncProperty(steps, fc.constantFrom("password", "email"), async (taken, purpose) => {
      const longestSeconds = { password: 15 * 60, email: 60 * 60 }[purpose];
      const attempt = { purpose, subject: api.deps.createId() };
      const ip = `2001:db8:${attempt.subject.slice(-4)}::`;
      const request = { id: "r", access_token: undefined, ip, user_agent: undefined };
      const count = (): Promise<AppError | undefined> =>
        countAttempt({ ...api.deps, request }, attempt).then(
          () => undefined,
          (error) => error,
        );
      for (let number = 0; number < 20; number += 1) await count();
      for (const { passesMs, jumpMs } of taken) {
        api.clock.advance(passesMs + Math.min(jumpMs, 0));
        const error = await count();
        const again = await count();
        const details = error?.details as { retry_after_seconds: number } | undefined;
        expect(details?.retry_after_seconds ?? 0).toBeLessThanOrEqual(longestSeconds);
        // Of two at once the second one waits: the count went on.
        expect(again?.code).toBe("TOO_MANY_ATTEMPTS");
      }
    }),
    runs,
  );
});

it("opens no emailed link for longer than it works, wherever the clock is set", async () => {
  await using api = await createTestApi({ passwordHasher: quickHasher });
  await api.signUp(email);
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 1, max: 3 }), async (days) => {
      api.clock.advance(2 * 60 * minuteMs);
      const token = await askForReset(api, email);
      const reset = () =>
        codeOf(api.caller().auth.reset_password({ token, new_password: "staple that no horse has" }));
      for (const jumpMs of [-days * dayMs, 2 * days * dayMs]) {
        api.clock.advance(jumpMs);
        expect(await reset()).toBe("ONE_TIME_TOKEN_INVALID");
      }
      api.clock.advance(-days * dayMs);
      expect(await reset()).toBeUndefined();
    }),
    { ...runs, numRuns: 5 },
  );
});

it("sends mail within the hour after the clock was set back, though it was claimed days ahead", async () => {
  await using api = await createTestApi();
  await api.signUp(email);
  const sent: string[] = [];
  let isAway = true;
  const mailer = {
    send: async ({ to }: { to: string }) => {
      if (isAway) throw new Error("away");
      sent.push(to);
    },
  };
  const deliver = () =>
    deliverEmails({ ...api.deps, mailer, appUrl: "https://app.example.org" }, new AbortController().signal);
  await deliver();
  isAway = false;
  api.clock.advance(-2 * dayMs);
  await deliver();
  expect(sent).toEqual([email]);
});

it("gives up no transaction before its time, and asks about it again within six hours, wherever the clock is set back", async () => {
  await using api = await createChainTestApi();
  const confirm = async () => {
    await waitForEvents(api.deps.db);
    return confirmTransactions(api.deps, new AbortController().signal);
  };
  let number = 0;
  await fc.assert(
    fc.asyncProperty(steps, fc.boolean(), async (taken, isUnverified) => {
      number += 1;
      const hash = `0x${number.toString(16)}`;
      const included = { hash, sender: "0x5e", finality: "ACCEPTED_ON_L1" } as const;
      const ada = await api.signUp();
      await ada.transactions.create({ tx_hash: hash, tx_type: "deposit", amount: "1" });
      if (isUnverified) api.node.include(included);
      await confirm();
      for (const { passesMs, jumpMs } of taken) {
        api.clock.advance(passesMs + Math.min(jumpMs, 0));
        expect(await confirm()).toMatchObject({ not_found: 0 });
      }
      const execution = "REVERTED";
      api.node.include({ ...included, execution });
      api.clock.advance(6 * 60 * minuteMs);
      expect(await confirm()).toMatchObject({ failed: 1 });
    }),
    { ...runs, numRuns: 10 },
  );
});

it("serves, and learns from, nothing of a day that has not come, after the clock ran ahead and was set back", async () => {
  await using api = await createTestApi({ withForecasts: true });
  const ada = await api.signUp();
  const { analytics, predictions } = ada;
  const read = async () => ({
    dashboard: pick(await analytics.dashboard({}), ["period", "protocols", "aggregates"]),
    figures: [
      await analytics.markets({}),
      await analytics.risk_history({ granularity: "market", days: 14, limit: 500 }),
      await predictions.risk_forecast({ granularity: "market" }),
      await predictions.yield_forecast(),
      await predictions.track_record({}),
      await predictions.forecast_history({}),
    ].map(({ items }) => items),
    models: (await predictions.models({})).items,
    allocation: (await predictions.run_optimization()).allocation,
    // A longer simulation tells more of how what is over began.
    learned: panelSha256(
      (await loadPanel(api.deps, "simulated")).filter(({ protocol }) => protocol !== "zklend"),
    ),
    recorded: await getForecastRecord(api.deps),
  });
  const before = await read();
  const days = 10;
  await importLater(api, days);
  const training = { horizonDays: 7, train: trainOnce, forecast: forecastHere };
  await retrainModels(api.deps, { ...training, decide: promoteAlways });
  await recordActuals(api.deps);
  const ahead = await read();
  expect(ahead.models).not.toEqual(before.models);
  expect(ahead.recorded.matured).toBeGreaterThan(before.recorded.matured);
  api.clock.advance(-days * dayMs);
  expect(await read()).toEqual(before);
  // What is loaded now, though all that is stored is newer, changes nothing either.
  const source = createSimulatedSource({ seed: 1, clock: api.clock, days: 150 });
  const { signal } = new AbortController();
  const refreshed = await refreshMarketHistory({ ...api.deps, source }, { signal });
  expect(refreshed).toMatchObject({ outcome: "imported" });
  expect(await read()).toEqual(before);
  api.clock.advance(days * dayMs);
  expect((await predictions.models({})).items).toEqual(ahead.models);
});

function pick<TObject, TName extends keyof TObject>(object: TObject, names: readonly TName[]) {
  return names.map((name) => object[name]);
}
