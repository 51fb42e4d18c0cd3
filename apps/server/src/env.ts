import { existsSync } from "node:fs";
import { loadEnvFile } from "node:process";
import { parseAddress } from "@obsqra/starknet";
import { z } from "zod";

/** What the operator has decided, checked and frozen. */
export type Environment = z.output<typeof environment>;

/** The environment is not usable; the message says what to change, a line per variable. */
export class EnvironmentError extends Error {
  override readonly name = "EnvironmentError";
}

/**
 * Reads the variables of this process, and of a `.env` file where there is one; variables win over the file. Nothing
 * else reads them.
 *
 * @throws EnvironmentError
 */
export function loadEnvironment(): Readonly<Environment> {
  if (existsSync(".env")) loadEnvFile(".env");
  // biome-ignore lint/style/noProcessEnv: the one place that reads it.
  return readEnvironment(process.env);
}

/**
 * Checks the given variables. Empty and blank variables count as unset.
 *
 * @throws EnvironmentError naming every variable that is wrong
 */
export function readEnvironment(variables: Record<string, string | undefined>): Readonly<Environment> {
  const given = Object.fromEntries(Object.entries(variables).filter(([, value]) => value?.trim() !== ""));
  const result = environment.safeParse(given);
  if (!result.success) {
    const lines = result.error.issues.map((issue) => `  ${issue.path.join(".")}: ${issue.message}`);
    throw new EnvironmentError(`The configuration is not usable:\n${lines.join("\n")}`);
  }
  return Object.freeze(result.data);
}

const flag = z.stringbool({ error: "use true or false" });

function wholeNumber(min: number, max: number) {
  const error = `use a whole number from ${min} to ${max}`;
  const digits = z.string().trim().regex(/^\d+$/, error);
  return digits.transform(Number).pipe(z.int(error).min(min, error).max(max, error));
}

function url(protocols: RegExp, example: string) {
  return z.url({ protocol: protocols, error: `use a URL such as ${example}` });
}

const originsAdvice =
  "use origins such as https://app.example.org, separated by commas and without a slash at the end, or *";

/** As browsers send it: scheme, host and port, nothing else. */
function isOrigin(text: string): boolean {
  return text === "*" || (/^https?:/.test(text) && URL.parse(text)?.origin === text);
}

const environment = z
  .object({
    ENVIRONMENT: z.enum(["development", "test", "production"]).default("development"),
    DEBUG: flag.default(false),
    API_HOST: z.string().default("localhost"),
    API_PORT: wholeNumber(0, 65_535).default(8000),
    PUBLIC_URL: url(/^https?$/, "https://api.example.org").optional(),
    CORS_ORIGINS: z
      .string()
      .transform((text) => text.split(",").map((origin) => origin.trim()))
      .refine((origins) => origins.every(isOrigin), { error: originsAdvice })
      .optional(),
    DATA_DIRECTORY: z.string().default(".data"),
    DATABASE_URL: url(/^postgres(ql)?$/, "postgresql://user:password@host:5432/obsqra").optional(),
    SECRET_KEY: z.string().optional(),
    PREVIOUS_SECRET_KEYS: z
      .string()
      .default("")
      .transform((text) =>
        text
          .split(",")
          .map((key) => key.trim())
          .filter((key) => key !== ""),
      ),
    ACCESS_TOKEN_EXPIRE_MINUTES: wholeNumber(1, 1440).default(30),
    SMTP_SERVER: z.string().optional(),
    SMTP_USER: z.string().optional(),
    STARKNET_RPC_URL: url(/^https?$/, "https://rpc.example.org").optional(),
    STARKNET_CHAIN_ID: z.string().default("SN_MAIN"),
    RISK_ENGINE_ADDRESS: z
      .string()
      .refine(isAddress, { error: "use a Starknet address: 0x and up to 64 hexadecimal digits" })
      .optional(),
    PREDICTION_WINDOW_DAYS: wholeNumber(1, 90).default(7),
    BACKTEST_WINDOW_DAYS: wholeNumber(14, 3650).default(90),
    MARKET_SOURCE: z.enum(["file", "defillama", "simulated"]).optional(),
    MARKET_FILE: z.string().optional(),
  })
  .superRefine((values, context) => {
    if (values.MARKET_SOURCE === "file" && values.MARKET_FILE === undefined) {
      context.addIssue({
        code: "custom",
        path: ["MARKET_FILE"],
        message: "name the file that MARKET_SOURCE=file reads",
      });
    }
    if (values.ENVIRONMENT === "production" && isWeakSecret(values.SECRET_KEY)) {
      const message =
        "production needs a secret of at least 32 random characters; make one with: openssl rand -hex 32";
      context.addIssue({ code: "custom", path: ["SECRET_KEY"], message });
    }
  });

function isAddress(text: string): boolean {
  try {
    parseAddress(text);
    return true;
  } catch {
    return false;
  }
}

/** Missing, short, made of few characters, or a placeholder that somebody forgot to replace. */
function isWeakSecret(secret: string | undefined): boolean {
  if (secret === undefined || secret.length < 32) return true;
  return new Set(secret).size < 10 || /change|secret|password|example|your[-_ ]?key/i.test(secret);
}
