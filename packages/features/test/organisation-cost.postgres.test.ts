import { CompiledQuery, sql } from "kysely";
import { expect, inject, it } from "vitest";
import { createCaller } from "../src/root.ts";
import { createTestApi, foundOrganisation, type TestApi } from "../src/testing/index.ts";

/** What Postgres says about a step of a plan, and what it has read for it. */
interface PlanNode {
  readonly "Node Type": string;
  readonly "Relation Name"?: string;
  readonly "Shared Hit Blocks"?: number;
  readonly "Shared Read Blocks"?: number;
  readonly Plans?: readonly PlanNode[];
}

type Caller = ReturnType<typeof createCaller>;

/** For oneself. */
const switching = "listing one's own organisations, to switch";

/** What is done with organisations again and again. */
const uses: Readonly<Record<string, (caller: Caller) => Promise<unknown>>> = {
  // Nothing but the look-up of access: the preferences come with it.
  "deciding about access": (caller) => caller.users.preferences(),
  "listing members": (caller) => caller.organisations.members({ limit: 20 }),
  [switching]: (caller) => caller.organisations.list({ limit: 20 }),
  "listing invitations": (caller) => caller.organisations.invitations({ limit: 20 }),
};

const small = { organisations: 10, members: 10 };
const large = { organisations: inject("isLong") ? 10_000 : 300, members: 100 };

const wholeTables = ["organisation_members", "organisation_invitations", "users"].map(
  (table) => `Seq Scan on ${table}`,
);

it(`reads about as much with ${large.organisations} organisations of ${large.members} members as with 10 of 10, and no table whole`, async () => {
  const [few, many] = [await measure(small), await measure(large)];
  const lines = Object.keys(uses).map((use) => `${use}: ${few.get(use)} and ${many.get(use)} pages`);
  process.stdout.write(`${lines.join("\n")}\n`);
  for (const use of Object.keys(uses)) {
    // Indexes have a level or two more, and a page of a list has more rows when there are more members than it holds.
    const most = (few.get(use) ?? 0) * 3 + 20;
    expect([use, many.get(use)]).toEqual([use, expect.toSatisfy((pages: number) => pages <= most)]);
  }
});

/** How many pages each use reads, with so many organisations beside that of whoever asks. */
async function measure(size: typeof small): Promise<Map<string, number>> {
  await using api = await createTestApi();
  const { access_token } = await api
    .caller()
    .auth.register({ email: "ada@example.org", password: "correct horse battery", full_name: "Ada" });
  const { id: userId } = await api.caller(access_token).auth.me();
  const owner = await foundOrganisation(api, access_token);
  await fill(api, { ...size, userId, owner });
  const pages = new Map<string, number>();
  for (const [use, call] of Object.entries(uses)) {
    const plans = await explain(api, { access_token, owner: use === switching ? undefined : owner }, call);
    // A table of a page or two is read whole by whoever is in their senses.
    if (size === large) {
      const whole = plans.flatMap(describeSteps).filter((step) => wholeTables.includes(step));
      expect([use, whole]).toEqual([use, []]);
    }
    pages.set(use, sum(plans.map(pagesOf)));
  }
  return pages;
}

/** The asker's organisation has as many members as each of the others, and the asker is a member of some of those. */
async function fill(
  { deps }: TestApi,
  {
    organisations,
    members,
    userId,
    owner,
  }: typeof small & { readonly userId: string; readonly owner: string },
): Promise<void> {
  const zeros = (column: string) => sql`lpad(to_hex(${sql.ref(column)}), 12, '0')`;
  const organisation = sql`cast('00000000-0000-7000-8000-' || ${zeros("o")} as uuid)`;
  const member = sql`cast('00000000-0000-7000-9000-' || ${zeros("u")} as uuid)`;
  const people = members * 200;
  const statements = [
    sql`insert into users (id, is_organisation, email, full_name, preferences, created_at, updated_at)
      select ${organisation}, true, 'organisation ' || o, 'x', '{}', now(), now() from generate_series(1, ${organisations}::int) as o`,
    sql`insert into users (id, email, full_name, preferences, created_at, updated_at)
      select ${member}, u || '@example.org', 'x', '{}', now(), now() from generate_series(1, ${people}::int) as u`,
    // No statement may take longer than a few seconds.
    ...slices(organisations).map(
      ({
        first,
        last,
      }) => sql`insert into organisation_members (id, organisation_id, user_id, role, joined_at)
      select gen_random_uuid(), ${organisation}, ${member}, 'viewer', now()
      from generate_series(${first}::int, ${last}::int) as o, generate_series(1, ${members}::int) as m,
        lateral (select (o * 31 + m) % ${people}::int + 1 as u) as who`,
    ),
    sql`insert into organisation_members (id, organisation_id, user_id, role, joined_at)
      select gen_random_uuid(), ${owner}, ${member}, 'viewer', now() from generate_series(1, ${members}::int) as u`,
    sql`insert into organisation_members (id, organisation_id, user_id, role, joined_at)
      select gen_random_uuid(), ${organisation}, ${userId}, 'viewer', now() from generate_series(1, 10) as o`,
    sql`insert into organisation_invitations (id, organisation_id, email_sealed, address_hash, role, token_hash, created_at, expires_at)
      select gen_random_uuid(), ${organisation}, 'x', o || ' ' || i, 'viewer', sha256((o || ' ' || i)::bytea), now(), '2100-01-01'
      from generate_series(1, ${organisations}::int) as o, generate_series(1, 2) as i`,
  ];
  await deps.db.connection().execute(async (session) => {
    // Without triggers, which would look up each of the rows that these refer to.
    await sql`set session_replication_role = replica`.execute(session);
    for (const statement of statements) await statement.execute(session);
    await sql`set session_replication_role = origin`.execute(session);
    await sql`vacuum analyze`.execute(session);
  });
}

function slices(count: number): { readonly first: number; readonly last: number }[] {
  return Array.from({ length: Math.ceil(count / 1_000) }, (_, index) => ({
    first: index * 1_000 + 1,
    last: Math.min(count, (index + 1) * 1_000),
  }));
}

/** The plans of all statements of a call, with what they have read. */
async function explain(
  { deps }: TestApi,
  said: { readonly access_token: string; readonly owner: string | undefined },
  call: (caller: Caller) => Promise<unknown>,
): Promise<PlanNode[]> {
  const { db } = deps;
  const queries: CompiledQuery[] = [];
  const recording = db.withPlugin({
    transformQuery: ({ node, queryId }) => {
      queries.push(db.getExecutor().compileQuery(node, queryId));
      return node;
    },
    transformResult: async ({ result }) => result,
  });
  const request = { id: "test", ip: "127.0.0.1", user_agent: "test", ...said };
  await call(createCaller({ ...deps, db: recording, request }));
  const plans: PlanNode[] = [];
  for (const { sql: text, parameters } of queries) {
    const query = CompiledQuery.raw(`explain (analyze, buffers, format json) ${text}`, [...parameters]);
    const { rows } = await db.executeQuery<{ "QUERY PLAN": readonly { readonly Plan: PlanNode }[] }>(query);
    plans.push(...rows.flatMap((row) => row["QUERY PLAN"].map(({ Plan }) => Plan)));
  }
  return plans;
}

/** A step's counts have those of the steps below it. */
function pagesOf(plan: PlanNode): number {
  return (plan["Shared Hit Blocks"] ?? 0) + (plan["Shared Read Blocks"] ?? 0);
}

function describeSteps(node: PlanNode): string[] {
  const { "Node Type": type, "Relation Name": on, Plans = [] } = node;
  return [...(on === undefined ? [] : [`${type} on ${on}`]), ...Plans.flatMap(describeSteps)];
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
