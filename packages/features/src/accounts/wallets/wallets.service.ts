import type { ConnectWalletInput, ListWalletsInput, User, WalletInput, Wallets } from "@obsqra/contract";
import { walletsMax } from "@obsqra/contract";
import type { Database, DatabaseTransaction } from "@obsqra/db";
import type { Actor, Emit } from "@obsqra/platform";
import {
  AppError,
  defineCommand,
  momentInKey,
  nameInKey,
  Refused,
  readCursor,
  toPage,
} from "@obsqra/platform";
import { z } from "zod";
import { type EmailDependencies, insertMail } from "../../mail/outbox.service.ts";
import { insertAuditEvent } from "../audit/audit.queries.ts";
import { type AuditEventDependencies, type AuditWriter, auditWriter } from "../audit/audit-event.ts";
import { type NoticeWriter, noticeWriter } from "../email-addresses/owner-notices.ts";
import { existingAccount } from "../own-account.ts";
import { lockUsers, setWalletAddress } from "../profile/profile.service.ts";
import type { ThrottleDependencies } from "../throttle/throttle.service.ts";
import { movePrimaryOn } from "./primary-wallet.service.ts";
import { type ChallengeDependencies, getChallengeHash, takeChallenge } from "./wallet-challenge.service.ts";
import { askChain, checkWallet, readAddress, requireChain } from "./wallet-check.ts";
import { recheckWallet, storeRecheck } from "./wallet-rechecks.service.ts";
import {
  deleteWallet,
  findCounterfactualWallet,
  getWalletStanding,
  isLinked,
  listWallets,
  type NewWalletRow,
  upsertWallet,
} from "./wallets.queries.ts";

/** What changing one's wallets uses. */
interface WalletsDependencies extends AuditEventDependencies {
  readonly db: Database;
  readonly actor: Actor;
}

const pageKey = z.tuple([momentInKey, nameInKey]);

/** Whether an address, in its 66-character form, is a wallet that somebody has linked. */
export async function ownsWallet(
  deps: { readonly db: Database },
  userId: string,
  address: string,
): Promise<boolean> {
  return isLinked(deps.db, { user_id: userId, address });
}

/**
 * The user's wallets in the order in which they were linked.
 *
 * @throws AppError CURSOR_INVALID
 */
export async function getWallets(
  deps: { readonly db: Database; readonly actor: Actor },
  input: ListWalletsInput,
): Promise<Wallets> {
  const { user_id } = deps.actor;
  const view = { list: "wallets", owner_id: user_id, input };
  const after = readCursor(view, pageKey);
  const rows = await listWallets(deps.db, {
    user_id,
    after: after && { linked_at: new Date(after[0]), address: after[1] },
    limit: input.limit + 1,
  });
  const page = toPage(view, rows, (row) => [row.linked_at.toISOString(), row.address]);
  const items = page.items.map((row) => ({
    wallet_address: row.address,
    is_primary: row.is_primary,
    state: row.state,
    linked_at: row.linked_at.toISOString(),
    checked_at: row.checked_at.toISOString(),
  }));
  return { items, next_cursor: page.next_cursor };
}

/**
 * Links a wallet, or checks a linked one again, by a signature of our own copy of the challenge. Trouble with the chain
 * leaves the challenge usable; a verdict, good or bad, uses it up. The first wallet becomes the primary one. The owner of the
 * account is told of a new one by mail.
 *
 * @throws AppError WALLET_ADDRESS_INVALID, WALLET_CHALLENGE_INVALID, WALLET_SIGNATURE_INVALID, WALLET_NOT_DEPLOYED,
 * WALLET_DEPLOYMENT_INVALID, WALLET_TAKEN, WALLET_LIMIT_REACHED, CHAIN_NOT_CONFIGURED, CHAIN_UNAVAILABLE
 */
export const connectWallet = defineCommand({
  plan: async (
    deps: ChallengeDependencies & AuditEventDependencies & ThrottleDependencies & EmailDependencies,
    input: ConnectWalletInput,
    attempt,
  ) => {
    const address = readAddress(input.wallet_address);
    const chain = requireChain(deps.chain);
    const { challenge_id: id, signature } = input;
    const { user_id } = deps.actor;
    const hash = await getChallengeHash(deps, { id, wallet_address: address });
    const query = { account: address, hash, signature };
    const { isDeployed, refusal } = await checkWallet(chain, query, input.deployment);
    const earlier = isDeployed ? await findCounterfactualWallet(deps.db, address) : undefined;
    // A link that rests on an address alone ends when the account, now that it is deployed, does not confirm it.
    const isInDoubt = earlier !== undefined && (refusal !== undefined || earlier.user_id !== user_id);
    const now = deps.clock();
    return {
      challenge: { id, now },
      wallet: toWalletRow({ address, user_id, isDeployed, hash, signature, now }),
      refusal,
      recheck: isInDoubt ? await askChain(() => recheckWallet(deps, chain, earlier)) : undefined,
      audit: auditWriter(deps),
      mail: refusal === undefined && attempt === 1 ? await noticeWriter(deps) : undefined,
    };
  },
  write: async (trx, { challenge, wallet, refusal, recheck, audit, mail }, emit) => {
    const { user_id } = wallet;
    const users = await lockUsers(trx, [user_id, ...(recheck === undefined ? [] : [recheck.wallet.user_id])]);
    const user = existingAccount(users.get(user_id));
    await takeChallenge(trx, challenge);
    if (recheck !== undefined) await storeRecheck(trx, recheck);
    if (refusal !== undefined) return new Refused(refusal);
    return linkWallet(trx, { user, wallet, audit, mail }, emit);
  },
});

/**
 * Makes one of the user's wallets the primary one.
 *
 * @throws AppError WALLET_ADDRESS_INVALID, WALLET_NOT_FOUND
 */
export const setPrimaryWallet = defineCommand({
  plan: planWalletChange,
  write: async (trx, { address, user_id, now, audit }) => {
    const user = existingAccount((await lockUsers(trx, [user_id])).get(user_id));
    if (!(await isLinked(trx, { address, user_id }))) throw walletNotFound();
    if (user.wallet_address === address) return user;
    const changed = await setWalletAddress(trx, { user_id, wallet_address: address, now });
    const details = { wallet_address: address };
    await insertAuditEvent(trx, audit({ user_id, type: "primary_wallet_changed", details }));
    return changed;
  },
});

/**
 * Unlinks a wallet. If it was the primary one, the one that was linked first of the others takes its place.
 *
 * @throws AppError WALLET_ADDRESS_INVALID, WALLET_NOT_FOUND
 */
export const unlinkWallet = defineCommand({
  plan: planWalletChange,
  write: async (trx, { address, user_id, now, audit }) => {
    const user = existingAccount((await lockUsers(trx, [user_id])).get(user_id));
    if (!(await deleteWallet(trx, { address, user_id }))) throw walletNotFound();
    const changed = await movePrimaryOn(trx, { user, goneAddress: address, now });
    const details = { wallet_address: address, primary_wallet: changed.wallet_address };
    await insertAuditEvent(trx, audit({ user_id, type: "wallet_unlinked", details }));
    return changed;
  },
});

async function planWalletChange(deps: WalletsDependencies, input: WalletInput) {
  const address = readAddress(input.wallet_address);
  return { address, user_id: deps.actor.user_id, now: deps.clock(), audit: auditWriter(deps) };
}

/** What is stored of a wallet whose signature was accepted, by its account or for the key that its address commits to. */
function toWalletRow(checked: {
  readonly address: string;
  readonly user_id: string;
  readonly isDeployed: boolean;
  readonly hash: string;
  readonly signature: readonly string[];
  readonly now: Date;
}): NewWalletRow {
  const { address, user_id, isDeployed, hash, signature, now } = checked;
  return {
    address,
    user_id,
    state: isDeployed ? "deployed" : "counterfactual",
    // Kept to be asked about again, once there is an account to ask.
    signed_hash: isDeployed ? null : hash,
    signature: isDeployed ? null : JSON.stringify(signature),
    linked_at: now,
    checked_at: now,
  };
}

/** A refusal is returned, not thrown: the challenge stays used up. */
async function linkWallet(
  trx: DatabaseTransaction,
  link: {
    readonly user: User;
    readonly wallet: NewWalletRow;
    readonly audit: AuditWriter;
    /** Undefined where the owner is not told. */
    readonly mail: NoticeWriter | undefined;
  },
  emit: Emit,
): Promise<User | Refused> {
  const { user, wallet, audit, mail } = link;
  const { address, user_id, state } = wallet;
  const standing = await getWalletStanding(trx, { address, user_id });
  if (standing.state === undefined && standing.linked >= walletsMax) {
    return new Refused(new AppError("WALLET_LIMIT_REACHED", { limit: walletsMax }));
  }
  if (standing.isPrimaryElsewhere || !(await upsertWallet(trx, wallet))) {
    return new Refused(new AppError("WALLET_TAKEN", undefined));
  }
  const change = { user_id, wallet_address: address, now: wallet.checked_at };
  const changed = user.wallet_address === null ? await setWalletAddress(trx, change) : user;
  if (standing.state === undefined && mail !== undefined) {
    const { email: to } = user;
    const at = wallet.linked_at.toISOString();
    await insertMail(trx, mail({ template: "wallet_linked", to, at, wallet_address: address }));
  }
  if (state !== standing.state) {
    const details = { wallet_address: address, state };
    const event = audit({ user_id, type: "wallet_linked", details });
    await insertAuditEvent(trx, event);
    const payload = { state, audit_event_id: event.id };
    emit({ type: "wallet.linked", subject: user_id, owner_id: user_id, payload });
  }
  return changed;
}

/** Another user's wallet is treated like one that nobody has linked. */
function walletNotFound(): AppError {
  return new AppError("WALLET_NOT_FOUND", undefined);
}
