import type { createCaller } from "../root.ts";
import type { TestApi } from "./create-test-api.ts";
import { createTestPasskey, type TestPasskey } from "./test-passkey.ts";

type Caller = ReturnType<typeof createCaller>;

/** Adds a passkey to the account of whoever calls; the session has to be a recent one. */
export async function addTestPasskey(
  caller: Caller,
  options: { readonly isSynced?: boolean; readonly seed?: string; readonly name?: string } = {},
): Promise<TestPasskey & { readonly id: string }> {
  const passkey = createTestPasskey(options);
  const { challenge } = await caller.auth.set_up_passkey();
  const input = { name: options.name ?? "Laptop", passkey: passkey.create(challenge) };
  return { ...passkey, id: (await caller.auth.add_passkey(input)).id };
}

/**
 * Adds a passkey to a user, written directly: it signs nothing, and takes no recent session.
 *
 * @returns its id
 */
export async function addPasskeyRow({ deps, clock }: TestApi, user_id: string): Promise<string> {
  const row = {
    id: deps.createId(),
    user_id,
    credential_id: deps.randomBytes(16),
    public_key: deps.randomBytes(77),
    counter: 0,
    transports: ["internal"],
    name: "Phone",
    is_synced: true,
    created_at: clock(),
    last_used_at: null,
  };
  await deps.db.insertInto("passkeys").values(row).execute();
  return row.id;
}
