import { randomUUID } from "node:crypto";
import { createServer, type IncomingMessage } from "node:http";
import { json } from "node:stream/consumers";
import pg from "pg";

/*
 * As fast as Node can serve these rows: node:http, prepared statements and JSON.stringify, in one process. It trusts everybody,
 * checks nothing and keeps no promise. Usage: node bare.ts DATABASE_URL PORT
 */

const [connectionString, port] = process.argv.slice(2);
const pool = new pg.Pool({ connectionString, max: 10 });

/** Named, so that Postgres plans them once per connection. `$1` is the user, or the source of the market data. */
const queries = new Map([
  [
    "/me",
    `select id, email, full_name, wallet_address, email_verified_at is not null as is_verified, created_at
    from users where id = $1`,
  ],
  [
    "/transactions",
    `select logged.id, tx_hash, tx_type, amount, status, details, suggestion_id, created_at, position,
      encode(hash, 'hex') as hash
    from transaction_statuses join transactions as logged on logged.id = transaction_id
    where transaction_statuses.owner_id = $1 order by position desc limit 50`,
  ],
  [
    "/dashboard",
    `select protocol, risk_score, as_of from risk_history
    where source = $1 and as_of >= now() - interval '7 days' order by as_of desc, protocol limit 500`,
  ],
  [
    "/forecasts",
    `select protocol, market_id, symbol, as_of, target_at, stale, confidence, confidence_tolerance, interval_level, lower,
      upper, details -> 'intervals' as intervals, served_by, model_version, value as risk_score,
      current_value as current_risk_score, baseline_value as baseline_risk_score,
      (details ->> 'illiquidity_probability')::float8 as illiquidity_probability
    from predictions join (select id as market, symbol from markets) as markets on market = market_id
    where kind = 'risk' and source = $1 and on_record and market_id is not null order by protocol, market_id limit 200`,
  ],
  [
    "/risk-history",
    `select protocol, null as market_id, null as symbol, as_of, avg(risk_score)::float8 as risk_score, avg(apy) as apy,
      sum(tvl_usd) as tvl_usd, avg(utilization) as utilization, avg(volatility_bp)::float8 / 100 as volatility,
      null as liquidity_tier, count(*)::int as market_count
    from risk_history where source = $1 and as_of >= now() - interval '90 days'
    group by as_of, protocol order by as_of desc, protocol limit 500`,
  ],
]);

const insert = {
  name: "insert",
  text: `insert into peers.transactions (id, owner_id, tx_hash, tx_type, amount, details, created_at)
    values ($1, $2, $3, $4, $5, $6, $7) returning id, tx_hash, tx_type, amount, details, created_at`,
};

createServer(async (request, response) => {
  const { pathname, searchParams } = new URL(request.url ?? "", "http://bare");
  const body = await respond(request, pathname, searchParams.get("of") ?? "");
  response.setHeader("content-type", "application/json");
  response.end(JSON.stringify(body));
}).listen(Number(port), "127.0.0.1");

async function respond(request: IncomingMessage, path: string, of: string): Promise<unknown> {
  if (request.method === "POST") {
    const { tx_hash, tx_type, amount, details } = (await json(request)) as Record<string, unknown>;
    const values = [randomUUID(), of, tx_hash, tx_type, amount, details, new Date()];
    return (await pool.query({ ...insert, values })).rows[0];
  }
  const text = queries.get(path);
  if (text === undefined) return { status: "healthy" };
  const { rows } = await pool.query({ name: path, text, values: [of] });
  return path === "/me" ? rows[0] : rows;
}
