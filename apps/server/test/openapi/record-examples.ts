import type {
  ExportStart,
  NewApiKey,
  NewWebhook,
  RebalanceSuggestion,
  RiskForecast,
  Sessions,
  Tokens,
  Transaction,
  WalletChallenge,
  WebhookDelivery,
} from "@obsqra/contract";
import { listEndpoints } from "@obsqra/contract";
import { sampleInput } from "@obsqra/contract/testing";
import { logChainHeads, writeLog } from "@obsqra/features";
import {
  addJobRuns,
  addWebhookAttempt,
  askAsAgent,
  makeOperator,
  readNewestToken,
} from "@obsqra/features/testing";
import { buildOpenApiDocument, type RecordedExample } from "@obsqra/openapi/document";
import { callOperation, listOperations } from "./call-operation.ts";
import { useOrganisation } from "./record-organisation.ts";
import { useSecondFactor } from "./record-second-factor.ts";
import type { ExampleServer } from "./start-example-server.ts";

type Input = Readonly<Record<string, unknown>>;

/** A consumer of the server who keeps what each operation returned first. */
export interface Recorder {
  readonly server: ExampleServer;
  /** Calls an operation, such as `auth.login`, and expects the status that the document has for success. */
  call<TOutput>(path: string, input?: Input, bearer?: string, owner?: string): Promise<TOutput>;
  /** The same of one that is refused. */
  refuse(path: string, input?: Input): Promise<{ readonly details?: Input }>;
}

const email = "ada@example.org";
const password = "correct horse battery staple";
const laterEmail = "ada.lovelace@example.org";

/**
 * Calls every operation once or more, as one user would in the course of time, by what the document says of it.
 *
 * @returns by the operations' paths, such as `auth.login`, what was sent the first time and what came back
 */
export async function recordExamples(server: ExampleServer): Promise<Record<string, RecordedExample>> {
  const examples = new Map<string, RecordedExample>();
  const recorder = createRecorder(server, examples);
  const token = await startAccount(recorder);
  await useProfile(recorder, token);
  await useWallets(recorder, token);
  await useApiKeys(recorder, token);
  await readMarket(recorder, token);
  await invest(recorder, token);
  await readBack(recorder, token);
  await useWebhooks(recorder, token);
  await operate(recorder, token);
  await changeCredentials(recorder, token);
  await useSecondFactor(recorder, { email: laterEmail, password });
  await useOrganisation(recorder, { email: laterEmail, password });
  await leave(recorder);
  return Object.fromEntries([...examples].sort(([a], [b]) => (a < b ? -1 : 1)));
}

function createRecorder(server: ExampleServer, examples: Map<string, RecordedExample>): Recorder {
  const operations = listOperations(buildOpenApiDocument());
  const ask = async (path: string, input: Input | undefined, bearer?: string, owner?: string) => {
    // People take their time.
    server.api.clock.advance(1_000);
    const operation = operations.get(path.replace(".", "_"));
    if (operation === undefined) throw new Error(`The document has no operation for ${path}.`);
    const headers = {
      "user-agent": "example-service/1.0",
      ...(bearer === undefined ? {} : { authorization: `Bearer ${bearer}` }),
      ...(owner === undefined ? {} : { "obsqra-owner": owner }),
    };
    return { operation, ...(await callOperation(server.url, { operation, input, headers })) };
  };
  return {
    server,
    refuse: async (path, input) => JSON.parse((await ask(path, input)).body) as { details?: Input },
    call: async <TOutput>(path: string, input?: Input, bearer?: string, owner?: string) => {
      const { operation, status, body } = await ask(path, input, bearer, owner);
      if (status !== operation.status) throw new Error(`${path} returned ${status}: ${body}`);
      const output = body === "" ? undefined : (JSON.parse(body) as TOutput);
      if (!examples.has(path)) examples.set(path, { input, output: withKnownFacts(output) });
      // The document says what comes back; the test compares it with that.
      return output as TOutput;
    },
  };
}

/** The one fact in a response that differs with every change of the contract, and the one that is a picture of 10 KB. */
function withKnownFacts(output: unknown): unknown {
  if (typeof output !== "object" || output === null) return output;
  return {
    ...output,
    ...("contract_sha256" in output && {
      contract_sha256: "5f70bf18a086007016e948b04aed3b82103a36bea41755b6cddfaf10ace3c6ef",
    }),
    ...("qr_code_svg" in output && {
      qr_code_svg:
        '<svg viewBox="0 0 45 45" xmlns="http://www.w3.org/2000/svg"><path d="M2 2h1v1H2Z"/></svg>',
    }),
  };
}

/** The example of an input in the contract. */
function exampleOf(path: string): Input {
  const found = listEndpoints().find((named) => named.path === path);
  if (found === undefined) throw new Error(`There is no endpoint ${path}.`);
  return sampleInput(found.endpoint.input) as Input;
}

async function startAccount({ server, call }: Recorder): Promise<string> {
  await call("service.version");
  await call("auth.register", { email, password, full_name: "Ada Lovelace" });
  await call("auth.verify_email", { token: await readNewestToken(server.api, "email_verification") });
  const { refresh_token } = await call<Tokens>("auth.login", { email, password });
  const { access_token } = await call<Tokens>("auth.refresh", { refresh_token });
  await call("auth.request_email_verification", undefined, access_token);
  await call("auth.me", undefined, access_token);
  return access_token;
}

async function useProfile({ call }: Recorder, token: string): Promise<void> {
  await call("users.update_profile", exampleOf("users.update_profile"), token);
  await call("users.update_preferences", exampleOf("users.update_preferences"), token);
  await call("users.profile", undefined, token);
  await call("users.usage", undefined, token);
}

async function useWallets({ server: { wallet }, call }: Recorder, token: string): Promise<void> {
  const input = { wallet_address: wallet.address };
  const { challenge_id, typed_data } = await call<WalletChallenge>("auth.wallet_challenge", input, token);
  // The contract describes typed data more loosely than the library that hashes it.
  const signature = wallet.sign(typed_data as Parameters<typeof wallet.sign>[0]);
  await call("auth.connect_wallet", { challenge_id, ...input, signature }, token);
  await call("auth.wallets", undefined, token);
  await call("auth.set_primary_wallet", input, token);
  await call("auth.unlink_wallet", input, token);
}

async function useApiKeys({ server, call }: Recorder, token: string): Promise<void> {
  const { id } = await call<NewApiKey>("auth.create_api_key", exampleOf("auth.create_api_key"), token);
  await call("auth.api_keys", { limit: 20 }, token);
  await call("auth.revoke_api_key", { api_key_id: id }, token);
  await call("auth.allow_agent", { request: await askAsAgent(server.api) }, token);
}

async function readMarket({ server, call }: Recorder, token: string): Promise<void> {
  await call("analytics.markets", { limit: 1 });
  await call("analytics.overview", { days: 30 });
  await call("analytics.risk_history", { protocol: "ekubo", days: 7, limit: 2 }, token);
  const forecasts = { granularity: "market", limit: 1 };
  const { items } = await call<RiskForecast>("predictions.risk_forecast", forecasts, token);
  await writeLog(server.api.deps, new AbortController().signal);
  await call("receipts.forecast", { forecast_id: items[0]?.id });
  await call("predictions.yield_forecast", { protocol: "ekubo" }, token);
  await call("predictions.track_record", { kind: "risk", limit: 1 }, token);
  await call("predictions.track_record_parts", { kind: "risk", limit: 1 }, token);
  await call("predictions.forecast_history", { kind: "risk", limit: 1 });
  await call("predictions.suggestion_history", { limit: 1 });
  await call("predictions.models", { kind: "yield", limit: 1 }, token);
  await call("predictions.what_if", exampleOf("predictions.what_if"), token);
}

async function invest({ server, call }: Recorder, token: string): Promise<void> {
  const suggestion = await call<RebalanceSuggestion>(
    "predictions.run_optimization",
    { risk_tolerance: "medium", assets: ["USDC"], amount: "10000" },
    token,
  );
  await call("predictions.rebalance_suggestions", { limit: 1 }, token);
  await writeLog(server.api.deps, new AbortController().signal);
  await call("receipts.suggestion", { suggestion_id: suggestion.id }, token);
  await logChainHeads(server.api.deps);
  await call("receipts.chains", undefined, token);
  const { tx_hash } = await call<Transaction>("transactions.create", exampleOf("transactions.create"), token);
  await call("transactions.get", { tx_hash }, token);
  const allocate = { tx_hash: "0x5a1e", tx_type: "allocate", amount: "1250.5", suggestion_id: suggestion.id };
  await call("transactions.create", allocate, token);
}

async function readBack({ call }: Recorder, token: string): Promise<void> {
  await call("transactions.list", { tx_type: "deposit", limit: 20 }, token);
  await call("transactions.entries", { limit: 1 }, token);
  await call("analytics.allocation_history", { limit: 1 }, token);
  await call("analytics.dashboard", { days: 30 }, token);
  await call("users.audit_log", { limit: 2 }, token);
  const { cursor } = await call<ExportStart>("users.start_export", undefined, token);
  await call("users.export_records", { limit: 2, cursor }, token);
  await call("users.export_data", { limit: 2, cursor }, token);
}

async function useWebhooks({ server: { api }, call }: Recorder, token: string): Promise<void> {
  const created = await call<NewWebhook>("webhooks.create", exampleOf("webhooks.create"), token);
  const webhook = { webhook_id: created.id };
  const { id: delivery_id } = await call<WebhookDelivery>("webhooks.test", webhook, token);
  const { id: userId } = await call<{ id: string }>("auth.me", undefined, token);
  await addWebhookAttempt(api, { userId, webhookId: created.id, deliveryId: delivery_id });
  await call("webhooks.deliveries", { ...webhook, limit: 20 }, token);
  await call("webhooks.attempts", { delivery_id, limit: 20 }, token);
  await call("webhooks.update", { ...webhook, topics: ["suggestions", "transactions", "market"] }, token);
  await call("webhooks.rotate_secret", webhook, token);
  await call("webhooks.pause", webhook, token);
  await call("webhooks.resume", webhook, token);
  await call("webhooks.replay", { delivery_id }, token);
  await call("webhooks.replay_events", { ...webhook, since: "2026-01-15T12:00:00.000Z" }, token);
  await call("webhooks.list", { limit: 20 }, token);
  await call("webhooks.get", webhook, token);
  await call("webhooks.delete", webhook, token);
}

async function operate({ server: { api }, call }: Recorder, token: string): Promise<void> {
  const { id } = await call<{ id: string }>("auth.me", undefined, token);
  await makeOperator(api.deps, id);
  await addJobRuns(api.deps);
  const job = "market.refresh";
  await call("operations.jobs", { limit: 1 }, token);
  await call("operations.job_runs", { job, limit: 2 }, token);
  await call("operations.run_job", { job }, token);
  await call("operations.accept_market_feed", undefined, token);
  await call("operations.retry_job", { job }, token);
  await call("operations.pause_job", { job }, token);
  await call("operations.resume_job", { job }, token);
}

async function changeCredentials({ server, call }: Recorder, first: string): Promise<void> {
  const { items } = await call<Sessions>("auth.sessions", { limit: 20 }, first);
  const other = items.find(({ is_current }) => !is_current);
  if (other === undefined) throw new Error("Registering has started a session of its own.");
  await call("auth.revoke_session", { session_id: other.id }, first);
  const { access_token: token } = await call<Tokens>("auth.reauthenticate", { password }, first);

  await call("auth.request_email_change", exampleOf("auth.request_email_change"), token);
  for (const template of ["email_change_new", "email_change_old"] as const) {
    await call("auth.confirm_email_change", { token: await readNewestToken(server.api, template) });
  }
  const changed = "lanterns drift over quiet harbours";
  await call("auth.change_password", { current_password: password, new_password: changed }, token);
  await call("auth.logout", undefined, token);

  await call("auth.request_password_reset", { email: laterEmail });
  const reset = await readNewestToken(server.api, "password_reset");
  await call("auth.reset_password", { token: reset, new_password: password });
}

async function leave({ call }: Recorder): Promise<void> {
  const logIn = () => call<Tokens>("auth.login", { email: laterEmail, password });
  const { access_token: leaving } = await logIn();
  await call("users.schedule_deletion", undefined, leaving);
  const { access_token: staying } = await logIn();
  await call("users.cancel_deletion", undefined, staying);
  await call("auth.logout_everywhere", undefined, staying);
}
