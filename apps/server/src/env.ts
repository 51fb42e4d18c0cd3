import { defaultStreamLimits } from "@obsqra/platform";
import { z } from "zod";
import { isWebOrigin } from "./cors-origins.ts";
import { isHost, senderAdvice, senderPattern, wrongMailSettings } from "./email/mail-settings.ts";
import { EnvFileError, readEnvFile } from "./env-file.ts";
import { readSecretFiles, withPassword } from "./env-secrets.ts";
import {
  flag,
  isAddress,
  isChainId,
  isStarkKey,
  pointsPerWindow,
  proxiesAdvice,
  readHeaders,
  readIdentityProviders,
  readOrigins,
  readWitnesses,
  splitList,
  strk,
  url,
  wholeNumber,
} from "./env-values.ts";
import { isIpAddressOrNetwork } from "./ip-address.ts";
import { isWeakSecret } from "./secret-strength.ts";
import { defaultServerLimits } from "./server-limits.ts";

/** What the operator has decided, checked and frozen. */
export type Environment = z.output<typeof environment>;

/** The environment is not usable; the message says what to change, a line per variable. */
export class EnvironmentError extends Error {
  override readonly name = "EnvironmentError";

  /** @param advice what to change, each with the name of its variable: `DATABASE_URL: set it, because ...` */
  constructor(advice: readonly string[]) {
    super(["The configuration is not usable:", ...advice.map((line) => `  ${line}`)].join("\n"));
  }
}

/**
 * Reads the variables of this process, and of a `.env` file where there is one; variables win over the file. Nothing
 * else reads them.
 *
 * @throws EnvironmentError
 */
export function loadEnvironment(): Readonly<Environment> {
  // biome-ignore lint/style/noProcessEnv: the one place that reads it.
  const variables = process.env;
  for (const [name, value] of Object.entries(readDotEnv())) variables[name] ??= value;
  return readEnvironment(variables);
}

function readDotEnv(): Record<string, string | undefined> {
  try {
    return readEnvFile(".env");
  } catch (error) {
    if (!(error instanceof EnvFileError)) throw error;
    throw new EnvironmentError([`.env: ${error.message}`]);
  }
}

/**
 * Checks the given variables. Empty and blank variables count as unset.
 *
 * @throws EnvironmentError naming every variable that is wrong
 */
export function readEnvironment(variables: Record<string, string | undefined>): Readonly<Environment> {
  const given = Object.fromEntries(Object.entries(variables).filter(([, value]) => value?.trim() !== ""));
  const { values, problems } = readSecretFiles(given, Object.keys(settings.shape));
  if (problems.length > 0) throw new EnvironmentError(problems);
  const result = environment.safeParse(values);
  if (!result.success) {
    throw new EnvironmentError(
      result.error.issues.map((issue) => `${issue.path.join(".")}: ${issue.message}`),
    );
  }
  return Object.freeze(result.data);
}

const addressAdvice = "use a Starknet address: 0x and up to 64 hexadecimal digits";

const settings = z.object({
  ENVIRONMENT: z.enum(["development", "test", "production"]).default("development"),
  DEBUG: flag.default(false),
  API_HOST: z.string().default("localhost"),
  API_PORT: wholeNumber(0, 65_535).default(8000),
  PUBLIC_URL: url(/^https?$/, "https://api.example.org").optional(),
  APP_URL: z
    .string()
    .refine(isWebOrigin, {
      error: "use an origin such as https://app.example.org, without a slash at the end",
    })
    .optional(),
  PUBLIC_READ: flag.default(true),
  MCP: flag.default(true),
  GRAPHQL: flag.default(true),
  GRAPHQL_INTROSPECTION: flag.optional(),
  GRAPHQL_OPERATIONS: z.string().optional(),
  CORS_ORIGINS: z.string().transform(readOrigins).optional(),
  TRUSTED_PROXIES: z
    .string()
    .default("")
    .transform(splitList)
    .refine((proxies) => proxies.every(isIpAddressOrNetwork), { error: proxiesAdvice }),
  CONNECTIONS_PER_ADDRESS: wholeNumber(1, 1_000_000).default(defaultServerLimits.connectionsPerAddress),
  REQUESTS_PER_SECOND_PER_ADDRESS: wholeNumber(1, 1_000_000).default(
    defaultServerLimits.requestsPerSecondOfAddress,
  ),
  STREAMS_PER_ADDRESS: wholeNumber(1, 1_000_000).default(defaultStreamLimits.perAddress),
  STREAMS_PER_USER: wholeNumber(1, 1_000_000).default(defaultStreamLimits.perOwner),
  METRICS_PORT: wholeNumber(1, 65_535).optional(),
  METRICS_TOKEN: z
    .string()
    .min(16, { error: "use 16 characters or more; make one with: openssl rand -hex 32" })
    .optional(),
  DATA_DIRECTORY: z.string().default(".data"),
  DATA_DURABILITY: z.enum(["full", "relaxed"], { error: "use full or relaxed" }).default("full"),
  JOBS: z.enum(["here", "elsewhere"], { error: "use here or elsewhere" }).default("here"),
  OTEL_EXPORTER_OTLP_ENDPOINT: url(/^https?$/, "http://localhost:4318").optional(),
  OTEL_EXPORTER_OTLP_HEADERS: z.string().transform(readHeaders).optional(),
  OTEL_TRACES_SAMPLER_ARG: z.coerce
    .number({ error: "use a number from 0 to 1" })
    .min(0, "use a number from 0 to 1")
    .max(1, "use a number from 0 to 1")
    .optional(),
  SENTRY_DSN: url(/^https?$/, "https://key@host/project").optional(),
  DATABASE_URL: url(/^postgres(ql)?$/, "postgresql://user:password@host:5432/obsqra").optional(),
  DATABASE_PASSWORD: z.string().optional(),
  DATABASE_REPLICA_URL: url(/^postgres(ql)?$/, "postgresql://user:password@host:5432/obsqra").optional(),
  REDIS_URL: url(/^rediss?$/, "redis://user:password@host:6379/0").optional(),
  SECRET_KEY: z.string().optional(),
  PREVIOUS_SECRET_KEYS: z.string().default("").transform(splitList),
  ACCESS_TOKEN_EXPIRE_MINUTES: wholeNumber(1, 1440).default(30),
  RATE_LIMITS: flag.default(true),
  RATE_LIMIT_STORE: z
    .enum(["memory", "postgres", "redis"], { error: "use memory, postgres or redis" })
    .optional(),
  RATE_LIMIT_PER_IP: pointsPerWindow.optional(),
  RATE_LIMIT_PER_USER: pointsPerWindow.optional(),
  RATE_LIMIT_PER_KEY: pointsPerWindow.optional(),
  REGISTRATIONS_PER_IP: pointsPerWindow.optional(),
  DAILY_QUOTA_FREE: pointsPerWindow.optional(),
  DAILY_QUOTA_PRO: pointsPerWindow.optional(),
  STORAGE_MIB_FREE: wholeNumber(1, 1_048_576).optional(),
  STORAGE_MIB_PRO: wholeNumber(1, 1_048_576).optional(),
  SMTP_SERVER: z
    .string()
    .refine(isHost, { error: "use a host name such as smtp.example.org; the port goes into SMTP_PORT" })
    .optional(),
  SMTP_PORT: wholeNumber(1, 65_535).default(587),
  SMTP_USER: z.string().optional(),
  SMTP_PASSWORD: z.string().optional(),
  SMTP_FROM: z.string().regex(senderPattern, senderAdvice).optional(),
  IDENTITY_PROVIDERS: z.string().default("[]").transform(readIdentityProviders),
  WEBHOOK_TARGETS: z.enum(["public", "any"], { error: "use public or any" }).default("public"),
  STARKNET_RPC_URL: url(/^https?$/, "https://rpc.example.org").optional(),
  STARKNET_CHAIN_ID: z
    .string()
    .refine(isChainId, { error: "use SN_MAIN, SN_SEPOLIA, or what starknet_chainId of your node returns" })
    .default("SN_MAIN"),
  RISK_ENGINE_ADDRESS: z.string().refine(isAddress, { error: addressAdvice }).optional(),
  PRICE_ORACLE_ADDRESS: z
    .string()
    .refine((text) => text === "none" || isAddress(text), {
      error: "use a Starknet address, 0x and up to 64 hexadecimal digits, or none",
    })
    .optional(),
  PROTOCOL_CONTRACTS: z
    .string()
    .default("")
    .transform(splitList)
    .refine((contracts) => contracts.every(isAddress), {
      error: "use Starknet addresses, separated by commas: 0x and up to 64 hexadecimal digits each",
    }),
  LOG_ANCHOR_CONTRACT: z.string().refine(isAddress, { error: addressAdvice }).optional(),
  LOG_ANCHOR_ACCOUNT: z.string().refine(isAddress, { error: addressAdvice }).optional(),
  LOG_ANCHOR_KEY: z
    .string()
    .trim()
    .refine(isStarkKey, { error: "use the account's Stark key: 0x and up to 64 hexadecimal digits" })
    .optional(),
  LOG_ANCHOR_HOURS: wholeNumber(1, 168).default(6),
  LOG_ANCHOR_FEE_MAX: strk.default("0.5"),
  LOG_WITNESSES: z.string().default("").transform(readWitnesses),
  PUBLISH_SNAPSHOTS: flag.default(true),
  PREDICTION_WINDOW_DAYS: wholeNumber(1, 90).default(7),
  BACKTEST_WINDOW_DAYS: wholeNumber(14, 3650).default(90),
  MARKET_SOURCE: z.enum(["file", "defillama", "simulated"]).optional(),
  MARKET_FILE: z.string().optional(),
  DEFILLAMA_URL: url(/^https?$/, "https://yields.llama.fi").optional(),
});

const environment = settings
  .superRefine((values, context) => {
    if (values.MARKET_SOURCE === "file" && values.MARKET_FILE === undefined) {
      context.addIssue({
        code: "custom",
        path: ["MARKET_FILE"],
        message: "name the file that MARKET_SOURCE=file reads",
      });
    }
    if (values.MARKET_FILE !== undefined && values.MARKET_SOURCE !== "file") {
      const message =
        values.MARKET_SOURCE === undefined
          ? "set MARKET_SOURCE=file to have it read, or leave it out"
          : `leave it out, because MARKET_SOURCE=${values.MARKET_SOURCE} does not read it`;
      context.addIssue({ code: "custom", path: ["MARKET_FILE"], message });
    }
    if (values.DATABASE_PASSWORD !== undefined && values.DATABASE_URL === undefined) {
      const message = "set it, because DATABASE_PASSWORD is the password of its user";
      context.addIssue({ code: "custom", path: ["DATABASE_URL"], message });
    }
    if (values.DATABASE_REPLICA_URL !== undefined && values.DATABASE_URL === undefined) {
      const message = "set it, because DATABASE_REPLICA_URL is a standby of it";
      context.addIssue({ code: "custom", path: ["DATABASE_URL"], message });
    }
    if (values.METRICS_PORT === values.API_PORT) {
      context.addIssue({
        code: "custom",
        path: ["METRICS_PORT"],
        message: "use another port than API_PORT, or set METRICS_TOKEN to have metrics there",
      });
    }
    if (values.JOBS === "elsewhere" && values.DATABASE_URL === undefined) {
      const message =
        "set it, because JOBS=elsewhere leaves the jobs to a worker, and the embedded database belongs to one process";
      context.addIssue({ code: "custom", path: ["DATABASE_URL"], message });
    }
    const needed = { memory: undefined, postgres: "DATABASE_URL", redis: "REDIS_URL" } as const;
    const store = values.RATE_LIMIT_STORE && needed[values.RATE_LIMIT_STORE];
    if (store !== undefined && values[store] === undefined) {
      const message = `set it, because RATE_LIMIT_STORE=${values.RATE_LIMIT_STORE} counts there`;
      context.addIssue({ code: "custom", path: [store], message });
    }
    if (values.ENVIRONMENT === "production" && isWeakSecret(values.SECRET_KEY)) {
      const message =
        "production needs a secret of at least 32 random characters; make one with: openssl rand -hex 32";
      context.addIssue({ code: "custom", path: ["SECRET_KEY"], message });
    }
    if (values.ENVIRONMENT === "production" && values.WEBHOOK_TARGETS === "any") {
      const message =
        "leave it out in production: users could have this machine ask what only it can reach, such as a cloud's metadata";
      context.addIssue({ code: "custom", path: ["WEBHOOK_TARGETS"], message });
    }
    for (const name of missingAnchorSettings(values)) {
      const message = "set it, because LOG_ANCHOR_CONTRACT, its account and key, and a node go together";
      context.addIssue({ code: "custom", path: [name], message });
    }
    for (const [name, message] of wrongMailSettings(values)) {
      context.addIssue({ code: "custom", path: [name], message });
    }
    // What was signed with a previous one is still taken, so a weak one lets anybody sign in as anybody.
    if (values.ENVIRONMENT === "production" && values.PREVIOUS_SECRET_KEYS.some(isWeakSecret)) {
      const message = "one of them is weak, and still opens every account in production; leave it out";
      context.addIssue({ code: "custom", path: ["PREVIOUS_SECRET_KEYS"], message });
    }
  })
  // Whoever connects needs one URL.
  .transform(({ DATABASE_PASSWORD, ...values }) => ({
    ...values,
    ...(values.DATABASE_URL !== undefined && {
      DATABASE_URL: withPassword(values.DATABASE_URL, DATABASE_PASSWORD),
    }),
    ...(values.DATABASE_REPLICA_URL !== undefined && {
      DATABASE_REPLICA_URL: withPassword(values.DATABASE_REPLICA_URL, DATABASE_PASSWORD),
    }),
  }));

const anchorSettings = ["LOG_ANCHOR_CONTRACT", "LOG_ANCHOR_ACCOUNT", "LOG_ANCHOR_KEY"] as const;

/** What is missing of what anchoring takes, where some of it is there. */
function missingAnchorSettings(values: z.output<typeof settings>): string[] {
  if (anchorSettings.every((name) => values[name] === undefined)) return [];
  const needed = [...anchorSettings, "STARKNET_RPC_URL" as const];
  // Where a worker does the jobs, the key is its alone.
  return needed.filter(
    (name) => values[name] === undefined && !(name === "LOG_ANCHOR_KEY" && values.JOBS === "elsewhere"),
  );
}
