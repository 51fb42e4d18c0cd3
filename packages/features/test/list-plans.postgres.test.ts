import { withoutRules } from "@obsqra/db/testing";
import { createResponseCache } from "@obsqra/platform";
import { CompiledQuery, sql } from "kysely";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { callerWith, createTestApi, type TestApi } from "../src/testing/index.ts";
import { fillLists } from "./paging/fill-lists.ts";

/** What Postgres says about a step of a plan. */
interface PlanNode {
  readonly "Node Type": string;
  readonly "Relation Name"?: string;
  readonly "Index Name"?: string;
  readonly Plans?: readonly PlanNode[];
}

type Caller = ReturnType<typeof callerWith>;

interface List {
  readonly name: string;
  /** Where its rows are. */
  readonly table: string;
  readonly read: (caller: Caller, cursor?: string) => Promise<{ readonly next_cursor: string | null }>;
}

const byTime = (["newest", "oldest"] as const).flatMap((sort): List[] => [
  {
    name: `transactions, ${sort}`,
    table: "transactions",
    read: ({ transactions }, cursor) => transactions.list({ sort, cursor }),
  },
  {
    name: `their entries, ${sort}`,
    table: "transaction_statuses",
    read: ({ transactions }, cursor) => transactions.entries({ sort, cursor }),
  },
  {
    name: `allocations, ${sort}`,
    table: "allocation_history",
    read: ({ analytics }, cursor) => analytics.allocation_history({ sort, cursor }),
  },
  {
    name: `suggestions, ${sort}`,
    table: "rebalance_suggestions",
    read: ({ predictions }, cursor) => predictions.rebalance_suggestions({ sort, cursor }),
  },
  {
    name: `audit events, ${sort}`,
    table: "audit_events",
    read: ({ users }, cursor) => users.audit_log({ sort, cursor }),
  },
  {
    name: `sessions, ${sort}`,
    table: "auth_sessions",
    read: ({ auth }, cursor) => auth.sessions({ sort, cursor }),
  },
  {
    name: `remembered devices, ${sort}`,
    table: "remembered_devices",
    read: ({ auth }, cursor) => auth.remembered_devices({ sort, cursor }),
  },
  {
    name: `passkeys, ${sort}`,
    table: "passkeys",
    read: ({ auth }, cursor) => auth.passkeys({ sort, cursor }),
  },
  {
    name: `identities, ${sort}`,
    table: "identities",
    read: ({ auth }, cursor) => auth.identities({ sort, cursor }),
  },
  {
    name: `API keys, ${sort}`,
    table: "api_keys",
    read: ({ auth }, cursor) => auth.api_keys({ sort, cursor }),
  },
  {
    name: `webhooks, ${sort}`,
    table: "webhooks",
    read: ({ webhooks }, cursor) => webhooks.list({ sort, cursor }),
  },
  {
    name: `deliveries to webhooks, ${sort}`,
    table: "webhook_deliveries",
    read: ({ webhooks }, cursor) => webhooks.deliveries({ sort, cursor }),
  },
  {
    name: `attempts to deliver, ${sort}`,
    table: "webhook_attempts",
    read: ({ webhooks }, cursor) => webhooks.attempts({ sort, cursor }),
  },
  {
    name: `figures of protocols, ${sort}`,
    table: "protocol_risk_history",
    read: ({ analytics }, cursor) => analytics.risk_history({ sort, cursor, limit: 20 }),
  },
  {
    name: `figures of markets, ${sort}`,
    table: "risk_history",
    read: ({ analytics }, cursor) =>
      analytics.risk_history({ sort, cursor, granularity: "market", limit: 20 }),
  },
  {
    name: `past suggestions, ${sort}`,
    table: "suggestion_record",
    read: ({ predictions }, cursor) => predictions.suggestion_history({ sort, cursor, limit: 20 }),
  },
  ...(["protocol", "market"] as const).flatMap((granularity) =>
    [undefined, "nostra"].map((protocol) => ({
      name: `past forecasts by ${granularity}${protocol === undefined ? "" : " of one protocol"}, ${sort}`,
      table: "predictions",
      read: ({ predictions }: Caller, cursor?: string) =>
        predictions.forecast_history({ sort, cursor, granularity, protocol, limit: 20 }),
    })),
  ),
]);
const byAmount = (["highest", "lowest"] as const).map(
  (sort): List => ({
    name: `transactions, ${sort}`,
    table: "transactions",
    read: ({ transactions }, cursor) => transactions.list({ sort, cursor }),
  }),
);

// PGlite has the same planner, and a tenth of the speed to fill the tables with.
describe("with 20,000 rows in a list", () => {
  let api: TestApi;
  let accessToken: string;

  beforeAll(async () => {
    api = await createTestApi();
    const credentials = { email: "ada@example.org", password: "correct horse battery", full_name: "Ada" };
    accessToken = (await api.caller().auth.register(credentials)).access_token;
    const { id } = await api.caller(accessToken).auth.me();
    await fillLists(api, id, 20_000);
  });
  afterAll(() => api[Symbol.asyncDispose]());

  it.each([...byTime, ...byAmount])(
    "finds $name first, by an index, and sorts no table whole",
    async ({ table, read }) => {
      const { next_cursor } = await read(api.caller(accessToken));
      for (const cursor of [undefined, next_cursor ?? expect.fail("There is one page only.")]) {
        const plans = await explain((caller) => read(caller, cursor));
        const steps = plans.filter((plan) => plan.some((step) => step.endsWith(` on ${table}`))).flat();
        expect(steps).toContain(`Index Scan on ${table}`);
        // An incremental sort puts rows in order that the index gives as equal, such as those of one day.
        const whole = [`Sort of ${table}`, `Seq Scan on ${table}`];
        expect(steps.filter((step) => whole.includes(step))).toEqual([]);
      }
    },
  );

  it.each([
    [{ month: "2025-12" }, "predictions_history_of_months"],
    [{ model_version: "nobody's" }, "predictions_history_of_models"],
  ])("finds past forecasts of %o alone, by %s", async (filter, index) => {
    const { db } = api.deps;
    // Of a single model, each index would do.
    await withoutRules(db, async (trx) => {
      await sql`update predictions set model_version = 'model ' || extract(day from as_of)`.execute(trx);
    });
    await sql`analyze predictions`.execute(db);
    for (const sort of ["newest", "oldest"] as const) {
      const asked = { ...filter, sort, granularity: "market", limit: 20 } as const;
      const plans = await explain(({ predictions }) => predictions.forecast_history(asked));
      const used = plans.filter((plan) => plan.some((step) => step.endsWith(" on predictions")));
      expect(used.length).toBeGreaterThan(0);
      for (const plan of used) expect(plan).toContain(`Index Scan on predictions by ${index}`);
    }
  });

  /** The steps of the plan of each statement that puts rows in order. */
  async function explain(call: (caller: Caller) => Promise<unknown>): Promise<string[][]> {
    const { db, log } = api.deps;
    const queries: CompiledQuery[] = [];
    const recording = db.withPlugin({
      transformQuery: ({ node, queryId }) => {
        queries.push(db.getExecutor().compileQuery(node, queryId));
        return node;
      },
      transformResult: async ({ result }) => result,
    });
    // A cached response is not computed again.
    const cache = createResponseCache({ log, shared: undefined });
    await call(callerWith(api, { db: recording, cache }, accessToken));
    const plans: string[][] = [];
    for (const { sql: text, parameters } of queries.filter((query) =>
      /order by.*\blimit\b/s.test(query.sql),
    )) {
      for (const query of [
        CompiledQuery.raw(`explain (format json) ${text}`, [...parameters]),
        // A plan that a connection keeps may be one for all values.
        CompiledQuery.raw(`explain (generic_plan, format json) ${text}`),
      ]) {
        const { rows } = await db.executeQuery<{ "QUERY PLAN": readonly { readonly Plan: PlanNode }[] }>(
          query,
        );
        plans.push(...rows.flatMap((row) => row["QUERY PLAN"].map(({ Plan }) => describeSteps(Plan))));
      }
    }
    return plans;
  }
});

function describeSteps(node: PlanNode): string[] {
  const on = node["Relation Name"];
  const own = on === undefined ? node["Node Type"] : `${node["Node Type"]} on ${on}`;
  const index = node["Index Name"];
  const by = on === undefined || index === undefined ? [] : [`${own} by ${index}`];
  const below = (node.Plans ?? []).flatMap(describeSteps);
  const sorted = node["Node Type"] === "Sort" ? (node.Plans ?? []).flatMap(wholeTables) : [];
  return [own, ...by, ...sorted.map((table) => `Sort of ${table}`), ...below];
}

/** The tables below a step, but for those of which a limit leaves a page: a statement may put that in order again. */
function wholeTables(node: PlanNode): string[] {
  if (node["Node Type"] === "Limit") return [];
  const { "Relation Name": on, Plans = [] } = node;
  return [...(on === undefined ? [] : [on]), ...Plans.flatMap(wholeTables)];
}
