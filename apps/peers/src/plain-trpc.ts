import { randomUUID } from "node:crypto";
import type { Tables } from "@obsqra/db";
import { initTRPC, TRPCError } from "@trpc/server";
import { fastifyTRPCPlugin } from "@trpc/server/adapters/fastify";
import fastify from "fastify";
import { jwtVerify } from "jose";
import { Kysely, PostgresDialect, sql } from "kysely";
import pg from "pg";
import { z } from "zod";

/*
 * What most would write by hand: Fastify, tRPC's own plugin, Kysely, jose and zod. No limits, sessions that can be ended, keyed
 * changes, chains, problem details or logs. Usage: SECRET_KEY in the third place: node plain-trpc.ts DATABASE_URL PORT SECRET_KEY
 */

type PeerTables = Tables & { "peers.transactions": Tables["transactions"] };

const [connectionString, port, secretKey] = process.argv.slice(2);
const pool = new pg.Pool({ connectionString, max: 10 });
const db = new Kysely<PeerTables>({ dialect: new PostgresDialect({ pool }) });
const secret = new TextEncoder().encode(secretKey);

const t = initTRPC.context<{ readonly token: string | undefined }>().create();

const procedure = t.procedure.use(async ({ ctx, next }) => {
  const user = await findUser(ctx.token).catch(() => undefined);
  if (user === undefined) throw new TRPCError({ code: "UNAUTHORIZED" });
  return next({ ctx: { user } });
});

async function findUser(token = "") {
  const { payload } = await jwtVerify(token, secret);
  return db
    .selectFrom("users")
    .select(["id", "email", "full_name", "wallet_address", "created_at"])
    .select(sql<boolean>`email_verified_at is not null`.as("is_verified"))
    .where("id", "=", payload.sub ?? "")
    .executeTakeFirst();
}

const me = z.object({
  id: z.uuid(),
  email: z.string(),
  full_name: z.string(),
  wallet_address: z.string().nullable(),
  is_verified: z.boolean(),
  created_at: z.date(),
});

const loggedFields = {
  id: z.uuid(),
  tx_hash: z.string(),
  tx_type: z.string(),
  amount: z.string(),
  details: z.record(z.string(), z.unknown()),
  created_at: z.date(),
};

const transaction = z.object({
  ...loggedFields,
  status: z.string(),
  suggestion_id: z.uuid().nullable(),
  position: z.string(),
  hash: z.string(),
});

const transactionInput = z.object({
  tx_hash: z.string(),
  tx_type: z.enum(["deposit", "withdraw", "allocate", "rebalance"]),
  amount: z.string(),
  details: z.record(z.string(), z.unknown()),
});

const marketPoint = z.object({ protocol: z.string(), risk_score: z.number(), as_of: z.date() });

const forecast = z.object({
  protocol: z.string(),
  market_id: z.string().nullable(),
  symbol: z.string(),
  as_of: z.date(),
  target_at: z.date(),
  stale: z.boolean(),
  confidence: z.number(),
  confidence_tolerance: z.number(),
  interval_level: z.number(),
  lower: z.number(),
  upper: z.number(),
  intervals: z.array(z.object({ level: z.number(), lower: z.number(), upper: z.number() })),
  served_by: z.string(),
  model_version: z.string(),
  risk_score: z.number(),
  current_risk_score: z.number(),
  baseline_risk_score: z.number(),
  illiquidity_probability: z.number().nullable(),
});

const riskPoint = z.object({
  protocol: z.string(),
  as_of: z.date(),
  risk_score: z.number(),
  apy: z.number().nullable(),
  tvl_usd: z.number().nullable(),
  utilization: z.number().nullable(),
  volatility: z.number(),
  market_count: z.int(),
});

const ofSource = z.object({ source: z.string() });

const router = t.router({
  health: t.procedure.output(z.object({ status: z.string() })).query(() => ({ status: "healthy" })),

  me: procedure.output(me).query(({ ctx }) => ctx.user),

  transactions: procedure
    .input(z.object({ limit: z.int().min(1).max(100).default(50) }))
    .output(z.array(transaction))
    .query(
      ({ ctx, input }) =>
        db
          .selectFrom("transaction_statuses as entry")
          .innerJoin("transactions as logged", "logged.id", "entry.transaction_id")
          .select([
            "logged.id",
            "tx_hash",
            "tx_type",
            "amount",
            "details",
            "suggestion_id",
            "created_at",
            "status",
          ])
          .select([sql<string>`position`.as("position"), sql<string>`encode(hash, 'hex')`.as("hash")])
          .where("entry.owner_id", "=", ctx.user.id)
          .orderBy("position", "desc")
          .limit(input.limit)
          .execute() as Promise<z.output<typeof transaction>[]>,
    ),

  create: procedure
    .input(transactionInput)
    .output(z.object(loggedFields))
    .mutation(
      ({ ctx, input }) =>
        db
          .insertInto("peers.transactions")
          .values({
            ...input,
            id: randomUUID(),
            owner_id: ctx.user.id,
            details: JSON.stringify(input.details),
            created_at: new Date(),
          })
          .returning(["id", "tx_hash", "tx_type", "amount", "details", "created_at"])
          .executeTakeFirstOrThrow() as Promise<z.output<typeof transaction>>,
    ),

  dashboard: procedure
    .input(ofSource)
    .output(z.array(marketPoint))
    .query(({ input }) =>
      db
        .selectFrom("risk_history")
        .select(["protocol", "risk_score", "as_of"])
        .where("source", "=", input.source)
        .where("as_of", ">=", sql<Date>`now() - interval '7 days'`)
        .orderBy("as_of", "desc")
        .orderBy("protocol")
        .limit(500)
        .execute(),
    ),

  forecasts: procedure
    .input(ofSource)
    .output(z.array(forecast))
    .query(
      ({ input }) =>
        db
          .selectFrom("predictions")
          .innerJoin("markets", "markets.id", "predictions.market_id")
          .select([
            "predictions.protocol",
            "market_id",
            "symbol",
            "as_of",
            "target_at",
            "stale",
            "confidence",
          ])
          .select(["confidence_tolerance", "interval_level", "lower", "upper", "served_by", "model_version"])
          .select(["value as risk_score", "current_value as current_risk_score"])
          .select("baseline_value as baseline_risk_score")
          .select(sql<unknown>`details -> 'intervals'`.as("intervals"))
          .select(
            sql<number | null>`(details ->> 'illiquidity_probability')::float8`.as("illiquidity_probability"),
          )
          .where("predictions.kind", "=", "risk")
          .where("source", "=", input.source)
          .where("on_record", "=", true)
          .where("market_id", "is not", null)
          .orderBy("predictions.protocol")
          .orderBy("market_id")
          .limit(200)
          .execute() as Promise<z.output<typeof forecast>[]>,
    ),

  risk_history: procedure
    .input(ofSource)
    .output(z.array(riskPoint))
    .query(({ input }) =>
      db
        .selectFrom("risk_history")
        .select(["protocol", "as_of"])
        .select([
          sql<number>`avg(risk_score)::float8`.as("risk_score"),
          sql<number | null>`avg(apy)`.as("apy"),
          sql<number | null>`sum(tvl_usd)`.as("tvl_usd"),
          sql<number | null>`avg(utilization)`.as("utilization"),
          sql<number>`avg(volatility_bp)::float8 / 100`.as("volatility"),
          sql<number>`count(*)::int`.as("market_count"),
        ])
        .where("source", "=", input.source)
        .where("as_of", ">=", sql<Date>`now() - interval '90 days'`)
        .groupBy(["as_of", "protocol"])
        .orderBy("as_of", "desc")
        .orderBy("protocol")
        .limit(500)
        .execute(),
    ),
});

const app = fastify({ routerOptions: { maxParamLength: 5000 } });
await app.register(fastifyTRPCPlugin, {
  prefix: "/trpc",
  trpcOptions: {
    router,
    createContext: ({ req }: { req: { headers: { authorization?: string } } }) => ({
      token: req.headers.authorization?.slice("Bearer ".length),
    }),
  },
});
await app.listen({ host: "127.0.0.1", port: Number(port) });
