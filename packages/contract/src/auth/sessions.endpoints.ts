import { z } from "zod";
import { defineEndpoint } from "../endpoints/endpoint.ts";
import { listSessionsInput, revokeSessionInput, sessions } from "./sessions.schema.ts";

export const sessionsEndpoints = {
  sessions: defineEndpoint({
    kind: "query",
    access: "session",
    rest: { method: "GET", path: "/auth/sessions", status: 200 },
    summary: "Where you are signed in",
    description: "Live sessions, newest first, unless sort says otherwise.",
    input: listSessionsInput,
    output: sessions,
    errors: ["CURSOR_INVALID"],
  }),
  revoke_session: defineEndpoint({
    kind: "mutation",
    access: "recent_session",
    rest: { method: "DELETE", path: "/auth/sessions/:session_id", status: 204 },
    summary: "End one of your sessions",
    description: "It is over at once: its access token stops working, too.",
    input: revokeSessionInput,
    output: z.undefined(),
    errors: ["SESSION_NOT_FOUND"],
  }),
  logout_everywhere: defineEndpoint({
    kind: "mutation",
    access: "recent_session",
    rest: { method: "POST", path: "/auth/logout-everywhere", status: 204 },
    summary: "End all your sessions, this one included",
    input: z.undefined(),
    output: z.undefined(),
    errors: [],
  }),
} as const;
