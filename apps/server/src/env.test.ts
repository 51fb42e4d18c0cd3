import { describe, expect, it } from "vitest";
import { EnvironmentError, readEnvironment } from "./env.ts";

const strongSecret = "4f1c9d27a8b3e650f7d2c41b9e8a7365";

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
    DATA_DIRECTORY: ".data",
    ACCESS_TOKEN_EXPIRE_MINUTES: 30,
    STARKNET_CHAIN_ID: "SN_MAIN",
    PREDICTION_WINDOW_DAYS: 7,
    BACKTEST_WINDOW_DAYS: 90,
  });
});

it("reads every variable", () => {
  const address = "0x02f5b0a1c3d4e5f60718293a4b5c6d7e8f901122334455667788990011223344";
  expect(
    readEnvironment({
      ENVIRONMENT: "production",
      DEBUG: "true",
      API_HOST: "0.0.0.0",
      API_PORT: "8080",
      PUBLIC_URL: "https://api.example.org",
      CORS_ORIGINS: "https://app.example.org, http://localhost:5173",
      DATA_DIRECTORY: "/var/lib/obsqra",
      DATABASE_URL: "postgresql://ada:pw@db:5432/obsqra",
      SECRET_KEY: strongSecret,
      ACCESS_TOKEN_EXPIRE_MINUTES: "15",
      SMTP_SERVER: "smtp.example.org:587",
      SMTP_USER: "ada",
      STARKNET_RPC_URL: "https://rpc.example.org",
      STARKNET_CHAIN_ID: "SN_SEPOLIA",
      RISK_ENGINE_ADDRESS: address,
      PREDICTION_WINDOW_DAYS: "14",
      BACKTEST_WINDOW_DAYS: "180",
      MARKET_SOURCE: "file",
      MARKET_FILE: "market.csv",
      PATH: "/usr/bin",
    }),
  ).toEqual({
    ENVIRONMENT: "production",
    DEBUG: true,
    API_HOST: "0.0.0.0",
    API_PORT: 8080,
    PUBLIC_URL: "https://api.example.org",
    CORS_ORIGINS: ["https://app.example.org", "http://localhost:5173"],
    DATA_DIRECTORY: "/var/lib/obsqra",
    DATABASE_URL: "postgresql://ada:pw@db:5432/obsqra",
    SECRET_KEY: strongSecret,
    ACCESS_TOKEN_EXPIRE_MINUTES: 15,
    SMTP_SERVER: "smtp.example.org:587",
    SMTP_USER: "ada",
    STARKNET_RPC_URL: "https://rpc.example.org",
    STARKNET_CHAIN_ID: "SN_SEPOLIA",
    RISK_ENGINE_ADDRESS: address,
    PREDICTION_WINDOW_DAYS: 14,
    BACKTEST_WINDOW_DAYS: 180,
    MARKET_SOURCE: "file",
    MARKET_FILE: "market.csv",
  });
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
    ["CORS_ORIGINS", "https://app.example.org/", "origins"],
    ["CORS_ORIGINS", "https://app.example.org,nonsense", "origins"],
    ["DATABASE_URL", "mysql://host/db", "postgresql://"],
    ["DATABASE_URL", "host:5432/db", "postgresql://"],
    ["ACCESS_TOKEN_EXPIRE_MINUTES", "0", "1 to 1440"],
    ["STARKNET_RPC_URL", "rpc", "https://"],
    ["RISK_ENGINE_ADDRESS", "0xnothex", "Starknet address"],
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
