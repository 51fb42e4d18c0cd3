import { defineJob, runJobs } from "@obsqra/platform";
import { expect, inject, it, vi } from "vitest";
import { z } from "zod";
import { setOperatorRights } from "../accounts/operators/account-commands.service.ts";
import { addJobRuns, codeOf, createTestApi, makeOperator, type TestApi } from "../testing/index.ts";

async function signUpOperator(api: TestApi) {
  const ada = await api.signUp();
  await makeOperator(api.deps, (await ada.auth.me()).id);
  return ada;
}

/** Runs one of the jobs as a process would, with work that a test can count; gives what it was called with. */
async function runFake(api: TestApi, name: string, work: () => Promise<object>) {
  const { db, clock, log } = api.deps;
  const job = defineJob({ name, summary: "Stands in.", schema: z.strictObject({}), run: work });
  return runJobs({ db, clock, log, engine: inject("databaseEngine"), jobs: [job], deps: {}, tickMs: 5 });
}

it("lets an operator see every job with its newest run, and nobody else", async () => {
  await using api = await createTestApi();
  await addJobRuns(api.deps);
  const ada = await signUpOperator(api);
  const { items } = await ada.operations.jobs();
  expect(items.map(({ name }) => name)).toEqual(api.deps.jobs.map(({ name }) => name).sort());
  const refresh = items.find(({ name }) => name === "market.refresh");
  expect(refresh).toMatchObject({
    schedule: "7 * * * *",
    next_at: expect.stringMatching(/:07:00\.000Z$/),
    paused_at: null,
    is_late: true,
    newest_run: { state: "done", duration_ms: 3_200, result: { outcome: "imported" }, error: null },
  });
  const eve = await api.signUp();
  expect(await codeOf(eve.operations.jobs())).toBe("OPERATOR_REQUIRED");
  expect(await codeOf(eve.operations.run_job({ job: "market.refresh" }))).toBe("OPERATOR_REQUIRED");
});

it("lists runs, newest first, page by page, with why they failed and no stack", async () => {
  await using api = await createTestApi();
  await addJobRuns(api.deps);
  const ada = await signUpOperator(api);
  const first = await ada.operations.job_runs({ job: "market.refresh", limit: 1 });
  const second = await ada.operations.job_runs({
    job: "market.refresh",
    limit: 1,
    cursor: first.next_cursor ?? "",
  });
  expect(second.next_cursor).toBeNull();
  expect([...first.items, ...second.items].map(({ state, error }) => [state, error])).toEqual([
    ["done", null],
    ["failed", "yields.llama.fi responded with status 503."],
  ]);
  expect(JSON.stringify(second)).not.toContain("stack");
  expect(await codeOf(ada.operations.job_runs({ job: "market.reload" }))).toBe("JOB_NOT_FOUND");
});

it("has a job run that is asked for, once for however many ask, by whoever runs jobs, also later", async () => {
  await using api = await createTestApi();
  const ada = await signUpOperator(api);
  const job = "predictions.train";
  expect(await ada.operations.run_job({ job })).toMatchObject({ is_requested: true, newest_run: null });
  await ada.operations.run_job({ job });
  let runs = 0;
  await using _jobs = await runFake(api, job, async () => ({ runs: ++runs }));
  await vi.waitUntil(
    async () => (await ada.operations.job_runs({ job })).items.some(({ state }) => state === "done"),
    30_000,
  );
  const { items } = await ada.operations.job_runs({ job });
  expect(items).toMatchObject([{ state: "done", scheduled_for: null, result: { runs: 1 } }]);
  const state = (await ada.operations.jobs()).items.find(({ name }) => name === job);
  expect(state).toMatchObject({ is_requested: false });
});

it("lets a run that waits to be repeated begin at once", async () => {
  await using api = await createTestApi();
  const ada = await signUpOperator(api);
  const job = "market.refresh";
  let runs = 0;
  await using _jobs = await runFake(api, job, async () => {
    runs += 1;
    if (runs === 1) throw new Error("out of luck");
    return { runs };
  });
  await ada.operations.run_job({ job });
  const untilState = (wanted: string) =>
    vi.waitUntil(async () => (await ada.operations.job_runs({ job })).items[0]?.state === wanted, {
      timeout: 30_000,
      interval: 20,
    });
  await untilState("to_be_repeated");
  expect((await ada.operations.job_runs({ job })).items).toMatchObject([{ error: "out of luck" }]);
  await ada.operations.retry_job({ job });
  await untilState("done");
  expect((await ada.operations.job_runs({ job })).items).toMatchObject([
    { repeated: 1, result: { runs: 2 } },
  ]);
});

it("pauses a job and goes on, and keeps in the operator's audit log who did what", async () => {
  await using api = await createTestApi();
  const ada = await signUpOperator(api);
  const job = "retention.clean_up";
  const paused_at = api.clock().toISOString();
  expect(await ada.operations.pause_job({ job })).toMatchObject({ paused_at, next_at: null, is_late: false });
  expect(await ada.operations.resume_job({ job })).toMatchObject({ paused_at: null });
  const { items } = await ada.users.audit_log({ limit: 2 });
  expect(items.map(({ type, details }) => [type, details])).toEqual([
    ["job_resumed", { job }],
    ["job_paused", { job }],
  ]);
});

it("has what the market source has taken as it is, and keeps in the audit log who accepted it", async () => {
  await using api = await createTestApi();
  const ada = await signUpOperator(api);
  expect(await ada.operations.accept_market_feed()).toMatchObject({
    name: "market.refresh",
    is_requested: true,
  });
  const acceptances = await api.deps.db.selectFrom("market_feed_acceptances").selectAll().execute();
  expect(acceptances).toEqual([{ source: api.deps.marketSource, accepted_at: api.clock() }]);
  const { items } = await ada.users.audit_log({ limit: 1 });
  expect(items).toMatchObject([{ type: "market_feed_accepted", details: { source: api.deps.marketSource } }]);
  const eve = await api.signUp();
  expect(await codeOf(eve.operations.accept_market_feed())).toBe("OPERATOR_REQUIRED");
});

it("takes an operator's rights away at once, from sessions and keys, and tells the audit log of both", async () => {
  await using api = await createTestApi();
  const email = "ada@example.org";
  const ada = await api.signUp(email);
  await setOperatorRights(api.deps, { email, isGranted: true });
  await setOperatorRights(api.deps, { email, isGranted: true });
  const { key } = await ada.auth.create_api_key({ name: "Watch", scopes: ["operations:read"] });
  const byKey = api.caller(key);
  expect(await codeOf(byKey.operations.jobs())).toBeUndefined();
  expect(await codeOf(byKey.operations.run_job({ job: "market.refresh" }))).toBe("SCOPE_MISSING");
  await setOperatorRights(api.deps, { email, isGranted: false });
  for (const caller of [ada, byKey]) {
    expect(await codeOf(caller.operations.jobs())).toBe("OPERATOR_REQUIRED");
  }
  const { items } = await ada.users.audit_log();
  const types = items.map(({ type }) => type).filter((type) => type.startsWith("operator_"));
  expect(types).toEqual(["operator_rights_withdrawn", "operator_rights_granted"]);
});
