import { createHash } from "node:crypto";
import { elapsedMs, hashToken, renewKey, type WriteDependencies, writeTransaction } from "@obsqra/platform";
import { z } from "zod";
import { lockAccount } from "../account.queries.ts";
import { type ApiKeyEndReason, emitApiKeyEnd } from "../api-keys/api-key-ends.service.ts";
import { revokeKey } from "../api-keys/api-keys.queries.ts";
import { insertAuditEvent } from "../audit/audit.queries.ts";
import { type AuditEventDependencies, auditWriter } from "../audit/audit-event.ts";
import { type AgentTokenRow, findAgentKey, findAgentToken, renewAgentKey } from "./agent-tokens.queries.ts";
import { OAuthError } from "./oauth-error.ts";

type TokenDependencies = WriteDependencies & AuditEventDependencies;

/** What an agent gets (RFC 6749, 5.1). */
export interface AgentTokens {
  readonly access_token: string;
  readonly token_type: "Bearer";
  readonly expires_in: number;
  readonly refresh_token: string;
  readonly scope: string;
}

const dayMs = 86_400_000;
/** However often it is renewed, a user is asked again after this long. */
export const grantLifetimeMs = 90 * dayMs;
/** An agent that does not come back for this long has to ask again. */
const refreshLifetimeMs = 30 * dayMs;
const keyLifetimeSeconds = 60 * 60;
/** An agent may send a refresh token twice at once; a replay later than this is taken for theft. */
const replayToleranceMs = 10_000;

const secret = z.string().min(1).max(200);
const common = { client_id: z.string().min(1), resource: z.string().optional() };
const tokenForm = z.discriminatedUnion("grant_type", [
  z.object({
    grant_type: z.literal("authorization_code"),
    code: secret,
    // RFC 7636, 4.1.
    code_verifier: z.string().regex(/^[\w.~-]{43,128}$/),
    redirect_uri: z.string().optional(),
    ...common,
  }),
  z.object({ grant_type: z.literal("refresh_token"), refresh_token: secret, ...common }),
]);
const grantType = z.object({ grant_type: z.string().min(1) });
type TokenForm = z.output<typeof tokenForm>;

/**
 * Gives an agent its next key for a code or a refresh token, each of which works once. Using one again ends the agent's access: either this copy
 * is stolen, or the other was.
 *
 * @throws OAuthError invalid_request, unsupported_grant_type, invalid_grant, invalid_target
 */
export async function renewAgentTokens(deps: TokenDependencies, sent: unknown): Promise<AgentTokens> {
  const form = readForm(sent);
  const now = deps.clock();
  const spent = hashToken(form.grant_type === "refresh_token" ? form.refresh_token : form.code);
  const found = await findAgentToken(deps.db, { token_hash: spent, now });
  if (found === undefined || !isFor(found, form)) throw invalidGrant();
  if (form.resource !== undefined && form.resource !== found.resource) {
    throw new OAuthError("invalid_target", `The grant is for ${found.resource}.`);
  }
  const { used_at } = found;
  const renewed = used_at === null ? await renew(deps, found, { spent, now }) : undefined;
  if (renewed !== undefined) return renewed;
  // It was used before, or meanwhile by somebody else who sent it at the same moment.
  const isLate =
    form.grant_type === "authorization_code" ||
    (used_at !== null && elapsedMs(used_at, now) > replayToleranceMs);
  if (isLate) await endAgentKey(deps, { ...found, id: found.api_key_id }, "refresh token replayed");
  throw invalidGrant();
}

/** Ends an agent's access, when it wants to be rid of it (RFC 7009). What is unknown is no error. */
export async function giveUpAgentTokens(deps: TokenDependencies, token: string): Promise<void> {
  const found = await findAgentKey(deps.db, hashToken(token));
  if (found !== undefined) await endAgentKey(deps, found, "given up by its agent");
}

function readForm(sent: unknown): TokenForm {
  const read = tokenForm.safeParse(sent);
  if (read.success) return read.data;
  const isUnnamed = !grantType.safeParse(sent).success;
  if (isUnnamed) throw new OAuthError("invalid_request", "Missing: grant_type.");
  const isUnknown = read.error.issues.some(({ code }) => code === "invalid_union");
  if (isUnknown) {
    throw new OAuthError("unsupported_grant_type", "Use authorization_code or refresh_token.");
  }
  const names = read.error.issues.map(({ path }) => path.join("."));
  throw new OAuthError("invalid_request", `Missing or not valid: ${[...new Set(names)].join(", ")}.`);
}

function invalidGrant(): OAuthError {
  return new OAuthError("invalid_grant", "The code or token is unknown, used, over, or another client's.");
}

/** Whether a token was given to who sends it, and for what it is sent. */
function isFor(found: AgentTokenRow, form: TokenForm): boolean {
  if (found.client_id !== form.client_id) return false;
  if (form.grant_type === "refresh_token") return found.code_challenge === null;
  const { code_verifier, redirect_uri } = form;
  if (redirect_uri !== undefined && redirect_uri !== found.redirect_uri) return false;
  return createHash("sha256").update(code_verifier).digest("base64url") === found.code_challenge;
}

/** @returns undefined where the token was spent, or the key ended, meanwhile */
async function renew(
  deps: TokenDependencies,
  { user_id, prefix, scopes, key_created_at }: AgentTokenRow,
  { spent, now }: { readonly spent: Uint8Array; readonly now: Date },
): Promise<AgentTokens | undefined> {
  const { key, hash } = renewKey(prefix, deps.randomBytes);
  const refresh_token = Buffer.from(deps.randomBytes(32)).toString("base64url");
  const after = (ms: number) =>
    new Date(Math.min(now.getTime() + ms, key_created_at.getTime() + grantLifetimeMs));
  const token_expires_at = after(keyLifetimeSeconds * 1000);
  const renewal = {
    ...{ spent, now, key_hash: hash, token_expires_at },
    expires_at: after(grantLifetimeMs),
    next: hashToken(refresh_token),
    next_expires_at: after(refreshLifetimeMs),
  };
  const isRenewed = await writeTransaction(deps, async (trx) => {
    const account = await lockAccount(trx, user_id);
    return account !== undefined && renewAgentKey(trx, renewal);
  });
  if (!isRenewed) return undefined;
  const expires_in = Math.floor((token_expires_at.getTime() - now.getTime()) / 1000);
  return { access_token: key, token_type: "Bearer", expires_in, refresh_token, scope: scopes.join(" ") };
}

async function endAgentKey(
  deps: TokenDependencies,
  { id, user_id }: { readonly id: string; readonly user_id: string },
  reason: ApiKeyEndReason,
): Promise<void> {
  const audit = auditWriter(deps);
  await writeTransaction(deps, async (trx, emit) => {
    await lockAccount(trx, user_id);
    const ended = await revokeKey(trx, { id, user_id, now: deps.clock() });
    if (ended === undefined) return;
    const { name, prefix } = ended;
    await insertAuditEvent(
      trx,
      audit({ user_id, type: "api_key_revoked", details: { id, name, prefix, reason } }),
    );
    emitApiKeyEnd(emit, { id, user_id, reason });
  });
}
