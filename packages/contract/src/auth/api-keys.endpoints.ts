import { z } from "zod";
import { defineEndpoint } from "../endpoints/endpoint.ts";
import {
  apiKeys,
  createApiKeyInput,
  listApiKeysInput,
  newApiKey,
  revokeApiKeyInput,
} from "./api-keys.schema.ts";

export const apiKeysEndpoints = {
  api_keys: defineEndpoint({
    kind: "query",
    access: "session",
    permission: "api_keys:read",
    rest: { method: "GET", path: "/auth/api-keys", status: 200 },
    summary: "Your API keys",
    description: "Newest first, unless sort says otherwise; with those that have expired or were revoked.",
    input: listApiKeysInput,
    output: apiKeys,
    errors: ["CURSOR_INVALID"],
  }),
  create_api_key: defineEndpoint({
    kind: "mutation",
    access: "recent_session",
    permission: "api_keys:write",
    weight: 5,
    rest: { method: "POST", path: "/auth/api-keys", status: 201 },
    summary: "Make an API key for a service of yours",
    description:
      "Send it as `Authorization: Bearer <key>`. It acts for you within its scopes; it can never make keys or change credentials.",
    input: createApiKeyInput,
    output: newApiKey,
    givesCredentials: true,
    errors: ["API_KEY_LIMIT_REACHED"],
  }),
  revoke_api_key: defineEndpoint({
    kind: "mutation",
    access: "session",
    permission: "api_keys:write",
    rest: { method: "DELETE", path: "/auth/api-keys/:api_key_id", status: 204 },
    summary: "Make an API key stop working at once",
    description: "Doing it again is harmless.",
    input: revokeApiKeyInput,
    output: z.undefined(),
    errors: ["API_KEY_NOT_FOUND"],
  }),
} as const;
