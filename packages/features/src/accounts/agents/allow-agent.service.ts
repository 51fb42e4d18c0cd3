import { type AllowAgentInput, type AllowedAgent, apiKeysMax, type Scope } from "@obsqra/contract";
import type { SessionActor } from "@obsqra/platform";
import { AppError, createAgentKey, defineCommand, hashToken } from "@obsqra/platform";
import { insertMail } from "../../mail/outbox.service.ts";
import { insertApiKey } from "../api-keys/api-keys.queries.ts";
import { insertAuditEvent } from "../audit/audit.queries.ts";
import { prepareEvent } from "../audit/audit-event.ts";
import type { AuthDependencies } from "../auth-dependencies.ts";
import { noticeWriter } from "../email-addresses/owner-notices.ts";
import { lockOwnAccount } from "../own-account.ts";
import { type AgentRequest, openAgentRequest, redirectTo } from "./agent-request.ts";
import { findAgentToken, insertAgentToken } from "./agent-tokens.queries.ts";
import { grantLifetimeMs } from "./agent-tokens.service.ts";

type SignedIn = AuthDependencies & { readonly actor: SessionActor; readonly publicUrl: string };

/** A code is fetched by a program, not typed. */
const codeLifetimeMs = 60_000;

/**
 * Lets an agent act for whoever asks: makes a key that nobody has yet, and the code by which the agent gets it, and tells the owner of the
 * account by mail.
 *
 * @throws AppError AGENT_REQUEST_INVALID, API_KEY_LIMIT_REACHED, VALIDATION_FAILED for a scope that it has not asked for
 */
export const allowAgent = defineCommand({
  stillLetsIn: async ({ db, clock }: SignedIn, { redirect_to }: AllowedAgent) => {
    const code = new URL(redirect_to).searchParams.get("code") ?? "";
    const found = await findAgentToken(db, { token_hash: hashToken(code), now: clock() });
    return found?.used_at === null;
  },
  plan: async (deps: SignedIn, input: AllowAgentInput, attempt) => {
    const request = openAgentRequest(deps, input.request);
    if (request === undefined) throw new AppError("AGENT_REQUEST_INVALID", undefined);
    const { actor } = deps;
    const now = deps.clock();
    const id = deps.createId();
    const { prefix, hash } = createAgentKey(deps.randomBytes);
    const code = Buffer.from(deps.randomBytes(32)).toString("base64url");
    const expires_at = new Date(now.getTime() + codeLifetimeMs);
    const { client_name: name, client_id, client_host, redirect_uri, redirect_host, resource } = request;
    const scopes = chooseScopes(request, input);
    const row = {
      ...{ id, user_id: actor.user_id, name, prefix, key_hash: hash, scopes, created_at: now },
      // Until the code is exchanged.
      ...{ expires_at, last_used_at: null, revoked_at: null },
      ...{ client_id, redirect_uri, resource, token_expires_at: now },
    };
    const { code_challenge } = request;
    const token = {
      token_hash: hashToken(code),
      api_key_id: id,
      code_challenge,
      created_at: now,
      expires_at,
    };
    const details = { id, name, prefix, scopes, client_host, redirect_host };
    const event = prepareEvent(deps, { user_id: actor.user_id, type: "api_key_created", details });
    const write = attempt === 1 ? await noticeWriter(deps) : undefined;
    return {
      actor,
      row,
      token,
      event,
      now,
      write,
      request,
      redirect_to: redirectTo(deps, request, { code }),
    };
  },
  write: async (trx, { actor, row, token, event, now, write, request, redirect_to }, emit) => {
    const { email: to } = await lockOwnAccount(trx, actor, now);
    const created = await insertApiKey(trx, { row, liveMax: apiKeysMax });
    if (created === undefined) throw new AppError("API_KEY_LIMIT_REACHED", { limit: apiKeysMax });
    await insertAgentToken(trx, token);
    if (write !== undefined) {
      const { prefix, scopes } = row;
      const expires_at = new Date(now.getTime() + grantLifetimeMs).toISOString();
      const agent_host = request.redirect_host;
      const notice = {
        template: "api_key_created",
        to,
        at: now.toISOString(),
        prefix,
        scopes,
        expires_at,
        agent_host,
      } as const;
      await insertMail(trx, write(notice));
    }
    await insertAuditEvent(trx, event);
    const { user_id } = actor;
    emit({ type: "api_key.created", subject: created.id, owner_id: user_id, payload: { user_id } });
    return { redirect_to };
  },
});

/** What the agent gets, in the order in which it is listed everywhere. */
function chooseScopes({ scopes: asked }: AgentRequest, { scopes: chosen = asked }: AllowAgentInput): Scope[] {
  const others = chosen.filter((each) => !asked.includes(each));
  if (others.length > 0) {
    const message = `leave out what the agent has not asked for: ${others.join(" ")}`;
    throw new AppError("VALIDATION_FAILED", { issues: [{ path: "scopes", message }] });
  }
  return asked.filter((each) => chosen.includes(each));
}
