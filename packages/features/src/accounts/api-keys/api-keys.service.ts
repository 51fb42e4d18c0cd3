import type {
  ApiKey,
  ApiKeys,
  CreateApiKeyInput,
  ListApiKeysInput,
  NewApiKey,
  RevokeApiKeyInput,
} from "@obsqra/contract";
import { apiKeysMax, scope } from "@obsqra/contract";
import type { SessionActor } from "@obsqra/platform";
import {
  AppError,
  createKey,
  defineCommand,
  idKey,
  isForOrganisation,
  readCursor,
  toPage,
} from "@obsqra/platform";
import { lockAccount } from "../account.queries.ts";
import { lockActingAccount } from "../account-access.service.ts";
import { clientHostOf } from "../agents/agent-client.ts";
import { redirectHostOf } from "../agents/redirect-uri.ts";
import { insertAuditEvent } from "../audit/audit.queries.ts";
import { auditWriter, ownerEvent, prepareEvent } from "../audit/audit-event.ts";
import type { AuthDependencies } from "../auth-dependencies.ts";
import { noticeWriter, tellOfMade } from "../email-addresses/owner-notices.ts";
import { emitApiKeyEnd } from "./api-key-ends.service.ts";
import {
  type ApiKeyRow,
  hasApiKey,
  insertApiKey,
  isLiveApiKey,
  listApiKeys,
  revokeKey,
} from "./api-keys.queries.ts";

type SignedIn = AuthDependencies & { readonly actor: SessionActor };

const dayMs = 86_400_000;

/**
 * The owner's API keys, with those that no longer work.
 *
 * @throws AppError CURSOR_INVALID
 */
export async function getApiKeys(deps: SignedIn, input: ListApiKeysInput): Promise<ApiKeys> {
  const { owner_id: user_id } = deps.actor;
  const view = { list: "api_keys", owner_id: user_id, input };
  const rows = await listApiKeys(deps.db, {
    user_id,
    sort: input.sort,
    after: readCursor(view, idKey)?.[0],
    limit: input.limit + 1,
  });
  const page = toPage(view, rows, (row) => [row.id]);
  return { items: page.items.map(toApiKey), next_cursor: page.next_cursor };
}

/**
 * Makes an API key, and tells whoever makes it by mail. That of an organisation acts for it, and outlives the membership of its maker. This is the only time that the key itself is there to be read;
 * its hash is stored.
 *
 * @throws AppError API_KEY_LIMIT_REACHED
 */
export const createApiKey = defineCommand({
  stillLetsIn: ({ db, actor, clock }: SignedIn, { id }: NewApiKey) =>
    isLiveApiKey(db, { id, user_id: actor.owner_id, now: clock() }),
  plan: async (deps: SignedIn, input: CreateApiKeyInput, attempt) => {
    const { actor } = deps;
    const now = deps.clock();
    const id = deps.createId();
    const { key, prefix, hash } = createKey(deps.randomBytes);
    const { name } = input;
    const scopes = [...new Set(input.scopes)];
    const row = {
      id,
      user_id: actor.owner_id,
      made_by: isForOrganisation(actor) ? actor.user_id : null,
      name,
      prefix,
      key_hash: hash,
      scopes,
      created_at: now,
      expires_at: new Date(now.getTime() + input.expires_in_days * dayMs),
      last_used_at: null,
      revoked_at: null,
    };
    const details = { id, name, prefix, scopes };
    const event = prepareEvent(deps, ownerEvent(actor, { type: "api_key_created", details }));
    const write = attempt === 1 ? await noticeWriter(deps) : undefined;
    return { actor, key, row, event, now, write };
  },
  write: async (trx, { actor, key, row, event, now, write }, emit) => {
    const { email: to } = await lockActingAccount(trx, actor, now);
    const created = await insertApiKey(trx, { row, liveMax: apiKeysMax });
    if (created === undefined) throw new AppError("API_KEY_LIMIT_REACHED", { limit: apiKeysMax });
    const { prefix, scopes, created_at: at, expires_at } = toApiKey(created);
    const notice = { template: "api_key_created", to, at, prefix, scopes, expires_at } as const;
    await tellOfMade(trx, { actor, write }, notice);
    await insertAuditEvent(trx, event);
    const { owner_id: user_id } = actor;
    emit({ type: "api_key.created", subject: created.id, owner_id: user_id, payload: { user_id } });
    return { ...toApiKey(created), key };
  },
});

/**
 * Makes an API key stop working. Doing it again is harmless, and told once.
 *
 * @throws AppError API_KEY_NOT_FOUND, also for another owner's
 */
export const revokeApiKey = defineCommand({
  plan: async (deps: SignedIn, input: RevokeApiKeyInput) => ({
    key: { id: input.api_key_id, user_id: deps.actor.owner_id, now: deps.clock() },
    actor: deps.actor,
    audit: auditWriter(deps),
  }),
  write: async (trx, { key, actor, audit }, emit) => {
    const { user_id } = key;
    await lockAccount(trx, user_id);
    const revoked = await revokeKey(trx, key);
    if (revoked !== undefined) {
      const { id, name, prefix } = revoked;
      const details = { id, name, prefix };
      await insertAuditEvent(trx, audit(ownerEvent(actor, { type: "api_key_revoked", details })));
      emitApiKeyEnd(emit, { id, user_id, reason: "revoked by the user" });
    } else if (!(await hasApiKey(trx, key))) {
      throw new AppError("API_KEY_NOT_FOUND", undefined);
    }
    return undefined;
  },
});

function toApiKey(row: ApiKeyRow): ApiKey {
  return {
    id: row.id,
    name: row.name,
    prefix: row.prefix,
    scopes: scope.options.filter((each) => row.scopes.includes(each)),
    created_at: row.created_at.toISOString(),
    expires_at: row.expires_at.toISOString(),
    last_used_at: row.last_used_at?.toISOString() ?? null,
    revoked_at: row.revoked_at?.toISOString() ?? null,
    made_by: row.made_by,
    agent: toAgent(row),
  };
}

function toAgent({ client_id, redirect_uri }: ApiKeyRow): ApiKey["agent"] {
  if (client_id === null || redirect_uri === null) return null;
  return { client_host: clientHostOf(client_id), redirect_host: redirectHostOf(redirect_uri) };
}
