import { z } from "zod";
import { defineEndpoint } from "../endpoint.ts";
import { preferences, profile, updatePreferencesInput } from "./users.schema.ts";

export const usersEndpoints = {
  profile: defineEndpoint({
    kind: "query",
    access: "user",
    rest: { method: "GET", path: "/users/profile", status: 200 },
    summary: "The signed-in user's profile with preferences",
    input: z.undefined(),
    output: profile,
    errors: [],
  }),
  update_preferences: defineEndpoint({
    kind: "mutation",
    access: "user",
    rest: { method: "PUT", path: "/users/preferences", status: 200 },
    summary: "Change preferences; fields that are left out keep their value",
    input: updatePreferencesInput,
    output: preferences,
    errors: ["PROTOCOL_UNKNOWN"],
  }),
} as const;
