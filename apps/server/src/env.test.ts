import { describe, expect, it } from "vitest";
import { EnvironmentError, readEnvironment } from "./env.ts";
import { readStrk } from "./env-values.ts";

const strongSecret = "4f1c9d27a8b3e650f7d2c41b9e8a7365";
const olderSecret = "b81e60d3f54a972c0e7d19a6c3f84b25";
const oldestSecret = "07d4e2b9163fa85c7e90d1b4f62c83a5";

function messageOf(variables: Record<string, string>): string {
  try {
    readEnvironment(variables);
  } catch (error) {
    expect(error).toBeInstanceOf(EnvironmentError);
    return (error as EnvironmentError).message;
  }
  return "";
}

it("works without any variable", () => {
  expect(readEnvironment({})).toEqual({
    ENVIRONMENT: "development",
    DEBUG: false,
    API_HOST: "localhost",
    API_PORT: 8000,
    CONNECTIONS_PER_ADDRESS: 256,
    REQUESTS_PER_SECOND_PER_ADDRESS: 200,
    STREAMS_PER_ADDRESS: 100,
    STREAMS_PER_USER: 20,
    TRUSTED_PROXIES: [],
    PROTOCOL_CONTRACTS: [],
    DATA_DIRECTORY: ".data",
    DATA_DURABILITY: "full",
    JOBS: "here",
    PREVIOUS_SECRET_KEYS: [],
    ACCESS_TOKEN_EXPIRE_MINUTES: 30,
    RATE_LIMITS: true,
    PUBLIC_READ: true,
    MCP: true,
    IDENTITY_PROVIDERS: [],
    GRAPHQL: true,
    SMTP_PORT: 587,
    STARKNET_CHAIN_ID: "SN_MAIN",
    PREDICTION_WINDOW_DAYS: 7,
    BACKTEST_WINDOW_DAYS: 90,
    LOG_ANCHOR_HOURS: 6,
    LOG_ANCHOR_FEE_MAX: "0.5",
    LOG_WITNESSES: [],
    PUBLISH_SNAPSHOTS: true,
    WEBHOOK_TARGETS: "public",
  });
});

const common = { client_id: "obsqra", client_secret: "of the provider" };
const oidc = { kind: "oidc", id: "google", name: "Google", issuer: "https://accounts.google.com", ...common };
const github = { kind: "github", id: "github", name: "GitHub", ...common };

it.each([
  ["no JSON", "google"],
  ["no list", JSON.stringify(oidc)],
  ["an id that does not fit into an address", JSON.stringify([{ ...oidc, id: "Google!" }])],
  [
    "an issuer that anybody on the way can be",
    JSON.stringify([{ ...oidc, issuer: "http://idp.example.org" }]),
  ],
  ["an id twice", JSON.stringify([oidc, { ...github, id: "google" }])],
  ["an issuer twice", JSON.stringify([oidc, { ...oidc, id: "another" }])],
  ["an unknown field", JSON.stringify([{ ...oidc, secret: "x" }])],
])("refuses %s for providers of identities, and says nothing of what is there", (_name, text) => {
  const read = () => readEnvironment({ IDENTITY_PROVIDERS: text });
  expect(read).toThrow(/IDENTITY_PROVIDERS: use a JSON list/);
  expect(read).not.toThrow(/of the provider/);
});

it("reads every variable", () => {
  const witnessKey = "witness.example.org+d911b8da+BIqI4910CfGV/VLbLTy6XXLKZwm/HZQSG/N0iAG0D29c";
  const address = "0x02f5b0a1c3d4e5f60718293a4b5c6d7e8f901122334455667788990011223344";
  expect(
    readEnvironment({
      ENVIRONMENT: "production",
      DEBUG: "true",
      API_HOST: "0.0.0.0",
      API_PORT: "8080",
      PUBLIC_URL: "https://api.example.org",
      APP_URL: "https://app.example.org",
      PUBLIC_READ: "false",
      MCP: "false",
      IDENTITY_PROVIDERS: JSON.stringify([oidc, github]),
      GRAPHQL: "false",
      GRAPHQL_INTROSPECTION: "true",
      GRAPHQL_OPERATIONS: "persisted-documents.json",
      CORS_ORIGINS:
        "https://app.example.org, http://localhost:5173,https://*.example.org, capacitor://localhost",
      TRUSTED_PROXIES: "10.0.0.1, 10.1.0.0/16,fd00::/8",
      CONNECTIONS_PER_ADDRESS: "1000",
      REQUESTS_PER_SECOND_PER_ADDRESS: "500",
      STREAMS_PER_ADDRESS: "500",
      STREAMS_PER_USER: "6",
      METRICS_PORT: "9464",
      METRICS_TOKEN: olderSecret,
      OTEL_EXPORTER_OTLP_ENDPOINT: "https://otel.example.org",
      OTEL_EXPORTER_OTLP_HEADERS: "authorization=Bearer%20abc, x-team=a",
      OTEL_TRACES_SAMPLER_ARG: "0.25",
      DATA_DIRECTORY: "/var/lib/obsqra",
      DATA_DURABILITY: "relaxed",
      DATABASE_URL: "postgresql://ada:pw@db:5432/obsqra",
      JOBS: "elsewhere",
      SECRET_KEY: strongSecret,
      PREVIOUS_SECRET_KEYS: `${olderSecret}, ${oldestSecret},`,
      ACCESS_TOKEN_EXPIRE_MINUTES: "15",
      REDIS_URL: "rediss://ada:pw@redis:6379/1",
      RATE_LIMITS: "false",
      RATE_LIMIT_STORE: "redis",
      RATE_LIMIT_PER_IP: "5000",
      RATE_LIMIT_PER_USER: "100",
      RATE_LIMIT_PER_KEY: "50",
      REGISTRATIONS_PER_IP: "5",
      DAILY_QUOTA_FREE: "1000",
      DAILY_QUOTA_PRO: "1000000",
      STORAGE_MIB_FREE: "16",
      STORAGE_MIB_PRO: "512",
      SMTP_SERVER: "smtp.example.org",
      SMTP_PORT: "465",
      SMTP_USER: "ada",
      SMTP_PASSWORD: "swordfish",
      SMTP_FROM: "Obsqra <no-reply@example.org>",
      STARKNET_RPC_URL: "https://rpc.example.org",
      STARKNET_CHAIN_ID: "SN_SEPOLIA",
      RISK_ENGINE_ADDRESS: address,
      PRICE_ORACLE_ADDRESS: address,
      PROTOCOL_CONTRACTS: `${address}, 0x2`,
      LOG_ANCHOR_CONTRACT: address,
      LOG_ANCHOR_ACCOUNT: address,
      LOG_ANCHOR_KEY: "0x1234",
      LOG_ANCHOR_HOURS: "24",
      LOG_ANCHOR_FEE_MAX: "2.25",
      PREDICTION_WINDOW_DAYS: "14",
      BACKTEST_WINDOW_DAYS: "180",
      LOG_WITNESSES: `${witnessKey} https://witness.example.org/a/`,
      PUBLISH_SNAPSHOTS: "false",
      MARKET_SOURCE: "file",
      MARKET_FILE: "market.csv",
      DEFILLAMA_URL: "https://llama.example.org",
      PATH: "/usr/bin",
    }),
  ).toEqual({
    ENVIRONMENT: "production",
    DEBUG: true,
    API_HOST: "0.0.0.0",
    API_PORT: 8080,
    PUBLIC_URL: "https://api.example.org",
    APP_URL: "https://app.example.org",
    PUBLIC_READ: false,
    MCP: false,
    IDENTITY_PROVIDERS: [{ ...oidc, scope: "openid email profile" }, github],
    GRAPHQL: false,
    GRAPHQL_INTROSPECTION: true,
    GRAPHQL_OPERATIONS: "persisted-documents.json",
    CORS_ORIGINS: [
      "https://app.example.org",
      "http://localhost:5173",
      "https://*.example.org",
      "capacitor://localhost",
    ],
    CONNECTIONS_PER_ADDRESS: 1000,
    REQUESTS_PER_SECOND_PER_ADDRESS: 500,
    STREAMS_PER_ADDRESS: 500,
    STREAMS_PER_USER: 6,
    TRUSTED_PROXIES: ["10.0.0.1", "10.1.0.0/16", "fd00::/8"],
    METRICS_PORT: 9464,
    METRICS_TOKEN: olderSecret,
    OTEL_EXPORTER_OTLP_ENDPOINT: "https://otel.example.org",
    OTEL_EXPORTER_OTLP_HEADERS: { authorization: "Bearer abc", "x-team": "a" },
    OTEL_TRACES_SAMPLER_ARG: 0.25,
    DATA_DIRECTORY: "/var/lib/obsqra",
    DATA_DURABILITY: "relaxed",
    DATABASE_URL: "postgresql://ada:pw@db:5432/obsqra",
    JOBS: "elsewhere",
    SECRET_KEY: strongSecret,
    PREVIOUS_SECRET_KEYS: [olderSecret, oldestSecret],
    ACCESS_TOKEN_EXPIRE_MINUTES: 15,
    REDIS_URL: "rediss://ada:pw@redis:6379/1",
    RATE_LIMITS: false,
    RATE_LIMIT_STORE: "redis",
    RATE_LIMIT_PER_IP: 5000,
    RATE_LIMIT_PER_USER: 100,
    RATE_LIMIT_PER_KEY: 50,
    REGISTRATIONS_PER_IP: 5,
    DAILY_QUOTA_FREE: 1000,
    DAILY_QUOTA_PRO: 1_000_000,
    STORAGE_MIB_FREE: 16,
    STORAGE_MIB_PRO: 512,
    SMTP_SERVER: "smtp.example.org",
    SMTP_PORT: 465,
    SMTP_USER: "ada",
    SMTP_PASSWORD: "swordfish",
    SMTP_FROM: "Obsqra <no-reply@example.org>",
    STARKNET_RPC_URL: "https://rpc.example.org",
    STARKNET_CHAIN_ID: "SN_SEPOLIA",
    RISK_ENGINE_ADDRESS: address,
    PRICE_ORACLE_ADDRESS: address,
    PROTOCOL_CONTRACTS: [address, "0x2"],
    LOG_ANCHOR_CONTRACT: address,
    LOG_ANCHOR_ACCOUNT: address,
    LOG_ANCHOR_KEY: "0x1234",
    LOG_ANCHOR_HOURS: 24,
    LOG_ANCHOR_FEE_MAX: "2.25",
    PREDICTION_WINDOW_DAYS: 14,
    BACKTEST_WINDOW_DAYS: 180,
    LOG_WITNESSES: [{ key: witnessKey, url: "https://witness.example.org/a" }],
    PUBLISH_SNAPSHOTS: false,
    WEBHOOK_TARGETS: "public",
    MARKET_SOURCE: "file",
    MARKET_FILE: "market.csv",
    DEFILLAMA_URL: "https://llama.example.org",
  });
});

it("wants all of what anchoring takes, or nothing of it, and the key only where jobs run", () => {
  const anchoring = { LOG_ANCHOR_CONTRACT: "0xa1", LOG_ANCHOR_ACCOUNT: "0xa2", LOG_ANCHOR_KEY: "0x3" };
  const node = { STARKNET_RPC_URL: "https://rpc.example.org" };
  expect(readEnvironment({ ...anchoring, ...node })).toMatchObject(anchoring);
  for (const name of ["LOG_ANCHOR_CONTRACT", "LOG_ANCHOR_ACCOUNT", "LOG_ANCHOR_KEY", "STARKNET_RPC_URL"]) {
    expect(() => readEnvironment({ ...anchoring, ...node, [name]: "" })).toThrow(`  ${name}: set it`);
  }
  const elsewhere = {
    JOBS: "elsewhere",
    DATABASE_URL: "postgresql://obsqra@host/obsqra",
    LOG_ANCHOR_KEY: "",
  };
  expect(readEnvironment({ ...anchoring, ...node, ...elsewhere }).LOG_ANCHOR_KEY).toBeUndefined();
});

it.each([
  ["0.5", 5n * 10n ** 17n],
  ["2", 2n * 10n ** 18n],
  ["0.000000000000000001", 1n],
])("takes %s STRK for %s fri", (text, fri) => {
  expect(readStrk(text)).toBe(fri);
});

it("takes empty and blank variables for unset ones, as docker compose sets them", () => {
  const blank = { API_PORT: "", DATABASE_URL: " ", SECRET_KEY: "", MARKET_SOURCE: "", CORS_ORIGINS: "  " };
  expect(readEnvironment(blank)).toEqual(readEnvironment({}));
});

it("cannot be changed afterwards", () => {
  const env = readEnvironment({});
  expect(Object.isFrozen(env)).toBe(true);
  expect(() => Object.assign(env, { API_PORT: 1 })).toThrow(TypeError);
});

describe("refuses", () => {
  it.each([
    ["ENVIRONMENT", "prod", "development"],
    ["DEBUG", "perhaps", "true or false"],
    ["API_PORT", "65536", "0 to 65535"],
    ["API_PORT", "http", "0 to 65535"],
    ["API_PORT", "80.5", "0 to 65535"],
    ["API_PORT", "0x50", "0 to 65535"],
    ["PUBLIC_URL", "api.example.org", "https://"],
    ["PUBLIC_URL", "ftp://api.example.org", "https://"],
    ["CORS_ORIGINS", "localhost:5173", "origins"],
    ["CORS_ORIGINS", "https://a.example.org,https://*.app", "this is none: https://*.app"],
    ["CORS_ORIGINS", "https://*", "origins"],
    ["CORS_ORIGINS", "https://a.*.example.org", "origins"],
    ["CORS_ORIGINS", "https://*.*.example.org", "origins"],
    ["CORS_ORIGINS", "*.example.org", "origins"],
    ["CORS_ORIGINS", "https://*.example.org/", "origins"],
    ["CORS_ORIGINS", "https://App.example.org", "origins"],
    ["CORS_ORIGINS", "https://app.example.org:443", "origins"],
    ["CORS_ORIGINS", "null", "origins"],
    ["CORS_ORIGINS", "file://localhost", "origins"],
    ["CORS_ORIGINS", "capacitor://", "origins"],
    ["CORS_ORIGINS", "capacitor://localhost/", "origins"],
    ["METRICS_PORT", "8000", "another port"],
    ["METRICS_PORT", "none", "1 to 65535"],
    ["OTEL_EXPORTER_OTLP_ENDPOINT", "localhost:4318", "http://localhost:4318"],
    ["OTEL_EXPORTER_OTLP_HEADERS", "authorization", "name=value"],
    ["OTEL_TRACES_SAMPLER_ARG", "10", "0 to 1"],
    ["METRICS_TOKEN", "short", "16 characters"],
    ["CONNECTIONS_PER_ADDRESS", "0", "whole number"],
    ["REQUESTS_PER_SECOND_PER_ADDRESS", "0", "whole number"],
    ["STREAMS_PER_ADDRESS", "0", "whole number"],
    ["STREAMS_PER_USER", "none", "whole number"],
    ["CORS_ORIGINS", "https://app.example.org/", "origins"],
    ["CORS_ORIGINS", "https://app.example.org,nonsense", "origins"],
    ["TRUSTED_PROXIES", "proxy.internal", "10.0.0.1"],
    ["TRUSTED_PROXIES", "10.0.0.1, 300.0.0.1", "10.0.0.1"],
    ["TRUSTED_PROXIES", "0.0.0.0/0", "10.0.0.1"],
    ["TRUSTED_PROXIES", "::/0", "10.0.0.1"],
    ["DATABASE_URL", "mysql://host/db", "postgresql://"],
    ["DATABASE_URL", "host:5432/db", "postgresql://"],
    ["DATABASE_REPLICA_URL", "mysql://host/db", "postgresql://"],
    ["REDIS_URL", "localhost:6379", "redis://"],
    ["JOBS", "nowhere", "here or elsewhere"],
    ["DEFILLAMA_URL", "llama.example.org", "https://"],
    ["RATE_LIMITS", "some", "true or false"],
    ["RATE_LIMIT_STORE", "mysql", "memory, postgres or redis"],
    ["RATE_LIMIT_PER_IP", "0", "1 to 1000000000"],
    ["ACCESS_TOKEN_EXPIRE_MINUTES", "0", "1 to 1440"],
    ["APP_URL", "https://app.example.org/", "origin"],
    ["APP_URL", "https://app.example.org/account", "origin"],
    ["APP_URL", "https://ada:pw@app.example.org", "origin"],
    ["APP_URL", "javascript://app.example.org", "origin"],
    ["APP_URL", "*", "origin"],
    ["SMTP_SERVER", "smtp.example.org:587", "SMTP_PORT"],
    ["SMTP_SERVER", "smtp://smtp.example.org", "host name"],
    ["SMTP_PORT", "0", "1 to 65535"],
    ["SMTP_FROM", "Obsqra", "no-reply@example.org"],
    ["SMTP_FROM", "a@example.org, b@example.org", "no-reply@example.org"],
    ["SMTP_FROM", "a@example.org\r\nBcc: b@example.org", "no-reply@example.org"],
    ["STARKNET_RPC_URL", "rpc", "https://"],
    ["STARKNET_CHAIN_ID", "mainnet", "SN_MAIN"],
    ["STARKNET_CHAIN_ID", "Sepolia", "SN_SEPOLIA"],
    ["STARKNET_CHAIN_ID", "0x", "starknet_chainId"],
    ["RISK_ENGINE_ADDRESS", "0xnothex", "Starknet address"],
    ["PRICE_ORACLE_ADDRESS", "pragma", "Starknet address"],
    ["PROTOCOL_CONTRACTS", "0x1,nostra", "Starknet addresses"],
    ["LOG_ANCHOR_CONTRACT", "0xnothex", "Starknet address"],
    ["LOG_ANCHOR_KEY", "0x0", "Stark key"],
    ["LOG_ANCHOR_KEY", `0x8${"0".repeat(63)}`, "Stark key"],
    ["LOG_ANCHOR_HOURS", "0", "1 to 168"],
    ["LOG_ANCHOR_FEE_MAX", "1e3", "STRK such as 0.5"],
    ["PREDICTION_WINDOW_DAYS", "0", "1 to 90"],
    ["PREDICTION_WINDOW_DAYS", "-7", "1 to 90"],
    ["BACKTEST_WINDOW_DAYS", "13", "14 to 3650"],
    ["MARKET_SOURCE", "csv", "file"],
  ])("%s=%s, and says what to use", (name, value, advice) => {
    const message = messageOf({ [name]: value });
    expect(message).toContain(`  ${name}: `);
    expect(message).toContain(advice);
  });

  it("MARKET_SOURCE=file without a file", () => {
    expect(messageOf({ MARKET_SOURCE: "file" })).toContain("  MARKET_FILE: ");
  });

  it.each<Record<string, string>>([{}, { MARKET_SOURCE: "simulated" }, { MARKET_SOURCE: "defillama" }])(
    "a market file that %o does not read",
    (source) => {
      expect(messageOf({ ...source, MARKET_FILE: "history.csv" })).toContain("  MARKET_FILE: ");
    },
  );

  it("a store of rate limits that is not there", () => {
    expect(messageOf({ RATE_LIMIT_STORE: "redis" })).toContain("  REDIS_URL: ");
    expect(messageOf({ RATE_LIMIT_STORE: "postgres" })).toContain("  DATABASE_URL: ");
  });

  it("mail settings of which one half is missing", () => {
    expect(messageOf({ SMTP_SERVER: "smtp.example.org" })).toContain("  SMTP_FROM: ");
    expect(messageOf({ SMTP_USER: "ada" })).toContain("  SMTP_PASSWORD: ");
    expect(messageOf({ SMTP_PASSWORD: "swordfish" })).toContain("  SMTP_USER: ");
    expect(messageOf({ SMTP_PASSWORD: "swordfish" })).not.toContain("swordfish");
  });

  it("production without a mail server, or without the address that links in mail lead to", () => {
    const production = { ENVIRONMENT: "production", SECRET_KEY: strongSecret };
    const smtp = { SMTP_SERVER: "smtp.example.org", SMTP_FROM: "no-reply@example.org" };
    const PUBLIC_URL = "https://api.example.org";
    expect(messageOf({ ...production, PUBLIC_URL })).toContain(
      "  SMTP_SERVER: production needs a mail server",
    );
    expect(messageOf({ ...production, ...smtp })).toContain("  PUBLIC_URL: production needs");
    expect(messageOf({ ...production, ...smtp, PUBLIC_URL })).toBe("");
    expect(messageOf({ ...production, ...smtp, APP_URL: "https://app.example.org" })).toBe("");
  });

  it.each([
    undefined,
    "short",
    "a".repeat(64),
    "change-me-4f1c9d27a8b3e650f7d2c41b9e8a7365",
    "your_secret_key_4f1c9d27a8b3e650f7d2c41b",
  ])("SECRET_KEY=%s in production", (secret) => {
    const variables = { ENVIRONMENT: "production", ...(secret === undefined ? {} : { SECRET_KEY: secret }) };
    const message = messageOf(variables);
    expect(message).toContain("  SECRET_KEY: ");
    expect(message).toContain("openssl rand -hex 32");
    if (secret !== undefined) expect(message).not.toContain(secret);
  });

  it.each(["short", `${olderSecret},${"a".repeat(64)}`])(
    "PREVIOUS_SECRET_KEYS=%s in production, because a previous key opens accounts, too",
    (previous) => {
      const variables = { ENVIRONMENT: "production", SECRET_KEY: strongSecret };
      const message = messageOf({ ...variables, PREVIOUS_SECRET_KEYS: previous });
      expect(message).toContain("  PREVIOUS_SECRET_KEYS: ");
      expect(message).not.toContain("  SECRET_KEY: ");
      expect(message).not.toContain(previous);
    },
  );

  it("JOBS=elsewhere on the embedded database, which no worker could open", () => {
    expect(messageOf({ JOBS: "elsewhere" })).toContain("  DATABASE_URL: set it, because JOBS=elsewhere");
    expect(messageOf({ DATABASE_REPLICA_URL: "postgresql://standby/obsqra" })).toContain(
      "  DATABASE_URL: set it, because DATABASE_REPLICA_URL",
    );
    expect(messageOf({ JOBS: "elsewhere", DATABASE_URL: "postgresql://db/obsqra" })).toBe("");
  });

  it("several variables at once, a line for each", () => {
    const message = messageOf({ API_PORT: "x", DEBUG: "x", DATABASE_URL: "x" });
    expect(
      message
        .split("\n")
        .slice(1)
        .map((line) => line.split(":")[0]?.trim()),
    ).toEqual(["DEBUG", "API_PORT", "DATABASE_URL"]);
  });

  it("a wrong DATABASE_URL without repeating its password", () => {
    expect(messageOf({ DATABASE_URL: "mysql://ada:hunter2@host/db" })).not.toContain("hunter2");
  });
});

it("takes any secret while developing", () => {
  expect(readEnvironment({ SECRET_KEY: "short" }).SECRET_KEY).toBe("short");
});
