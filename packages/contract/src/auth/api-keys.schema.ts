import { z } from "zod";
import { lineOfText } from "../common/characters.ts";
import { nextCursor, timePageFields, timestamp } from "../common/common.schema.ts";
import { objectReference } from "../endpoints/object-reference.ts";
import { scope } from "./scope.ts";

/** Who renews a key by itself, and whom the owner has let in by OAuth. */
const keyAgent = z
  .object({
    client_host: z
      .string()
      .nullable()
      .describe(
        "Host that vouches for the agent, with what it says of itself; null where the agent is known by its word only",
      ),
    redirect_host: z.string().describe("Host, with its port, to which the owner was sent back with the code"),
  })
  .meta({ id: "KeyAgent" });

const apiKeyFields = {
  id: z.uuid(),
  name: z.string(),
  prefix: z.string().describe("How the key begins, to recognise it by"),
  scopes: z.array(scope),
  created_at: timestamp,
  expires_at: timestamp,
  last_used_at: timestamp.nullable().describe("Exact to about a minute; null before the first use"),
  revoked_at: timestamp.nullable(),
  made_by: z
    .uuid()
    .nullable()
    .describe("Of an organisation's key, the member who made it, whom it outlives; null for a user's own"),
  agent: keyAgent
    .nullable()
    .describe(
      "The agent that has the key, for /mcp only, and renews it by itself; null for a key that you made",
    ),
};

export const apiKey = z.object(apiKeyFields).meta({ id: "ApiKey" });
export type ApiKey = z.output<typeof apiKey>;

export const newApiKey = z
  .object({ ...apiKeyFields, key: z.string().describe("The key itself. It is shown this once") })
  .meta({ id: "NewApiKey" });
export type NewApiKey = z.output<typeof newApiKey>;

/** A user has at most this many keys that work. */
export const apiKeysMax = 20;

export const createApiKeyInput = z
  .object({
    name: lineOfText(100).describe("What it is for"),
    scopes: z
      .array(scope)
      .min(1)
      .max(scope.options.length)
      .describe("What it may do; every endpoint says which scope it needs"),
    expires_in_days: z.int().min(1).max(365).default(90),
  })
  .meta({
    id: "CreateApiKeyInput",
    examples: [{ name: "Nightly report", scopes: ["analytics:read", "predictions:read"] }],
  });
export type CreateApiKeyInput = z.output<typeof createApiKeyInput>;

export const listApiKeysInput = z.object(timePageFields).meta({ id: "ListApiKeysInput" }).prefault({});
export type ListApiKeysInput = z.output<typeof listApiKeysInput>;

export const apiKeys = z.object({ items: z.array(apiKey), next_cursor: nextCursor }).meta({ id: "ApiKeys" });
export type ApiKeys = z.output<typeof apiKeys>;

export const revokeApiKeyInput = z
  .object({ api_key_id: objectReference("api_key", z.uuid()) })
  .meta({ id: "RevokeApiKeyInput" });
export type RevokeApiKeyInput = z.output<typeof revokeApiKeyInput>;
