import { randomBytes } from "node:crypto";
import type { RebalanceSuggestion, TransactionType } from "@obsqra/contract";
import { recordEvent } from "../../src/accounts/audit/audit.service.ts";
import { listProtocolStatuses } from "../../src/market/protocol-statuses.queries.ts";
import { insertSuggestion } from "../../src/predictions/advice/suggestions.queries.ts";
import type { createCaller } from "../../src/root.ts";
import {
  addIdentityRow,
  addInvitationRow,
  addOrganisationRow,
  addPasskeyRow,
  addRememberedDevice,
  addTestMember,
  type TestApi,
} from "../../src/testing/index.ts";
import type { PagedList, PageInput, ReadPage } from "./paged-list.ts";

type Caller = ReturnType<typeof createCaller>;

/** Somebody who has just registered. */
export interface Newcomer {
  readonly id: string;
  readonly accessToken: string;
  readonly caller: Caller;
  /** For whom they call, in lists of organisations. */
  readonly organisationId?: string;
  readonly credentials: { readonly email: string; readonly password: string };
}

/** One list of a user: how something is added to it, and how a page of it is read. */
interface UserList {
  readonly name: string;
  readonly add: (api: TestApi, user: Newcomer, choice: number) => Promise<unknown>;
  readonly read: (
    caller: Caller,
    page: PageInput & { readonly sort: "newest" | "oldest" },
  ) => Promise<ReadPage>;
  readonly reachesWhatIsAdded?: boolean;
  readonly isOfOrganisation?: boolean;
}

const types: readonly TransactionType[] = ["deposit", "withdraw", "allocate"];
// Equal amounts, equal amounts of another form, and ones that sort otherwise as text.
const amounts = ["1", "1.0", "10", "9.5", "0.000000000000000001", "123456789012345678901234567890.5"];

/** The lists of a user by time, in either order. */
const byTime: readonly UserList[] = [
  { name: "transactions.list", add: logTransaction, read: readTransactions(), reachesWhatIsAdded: true },
  {
    name: "transactions.list of one type",
    add: logTransaction,
    read: readTransactions({ tx_type: "deposit" }),
    reachesWhatIsAdded: true,
  },
  {
    name: "transactions.entries",
    add: logTransaction,
    read: async (caller, page) => {
      const { items, next_cursor } = await caller.transactions.entries(page);
      return { keys: items.map(({ position }) => String(position)), next_cursor };
    },
    reachesWhatIsAdded: true,
  },
  {
    name: "analytics.allocation_history",
    add: (_api, { caller }) =>
      caller.transactions.create({
        tx_hash: newHash(),
        tx_type: "allocate",
        amount: "1",
        allocation: { nostra: 100 },
      }),
    read: async (caller, page) => keysById(await caller.analytics.allocation_history(page)),
  },
  {
    name: "users.audit_log",
    add: ({ deps }, { id }) =>
      recordEvent(
        { ...deps, request: { ip: undefined, user_agent: undefined } },
        { user_id: id, type: "logged_in" },
      ),
    read: async (caller, page) => keysById(await caller.users.audit_log(page)),
    reachesWhatIsAdded: true,
  },
  {
    name: "auth.sessions",
    add: (api, { credentials }) => api.caller().auth.login(credentials),
    read: async (caller, page) => keysById(await caller.auth.sessions(page)),
  },
  {
    name: "auth.remembered_devices",
    add: (api, { id }) => addRememberedDevice(api, id),
    read: async (caller, page) => keysById(await caller.auth.remembered_devices(page)),
  },
  {
    name: "auth.passkeys",
    add: (api, { id }) => addPasskeyRow(api, id),
    read: async (caller, page) => keysById(await caller.auth.passkeys(page)),
  },
  {
    name: "auth.identities",
    add: (api, { id }) => addIdentityRow(api, id),
    read: async (caller, page) => keysById(await caller.auth.identities(page)),
  },
  {
    name: "organisations.list",
    add: (api, { id }) => addOrganisationRow(api, id),
    read: async (caller, page) => keysById(await caller.organisations.list(page)),
  },
  {
    name: "organisations.members",
    add: (api, { organisationId = "" }) => addTestMember(api, organisationId, "viewer"),
    read: async (caller, page) => {
      const { items, next_cursor } = await caller.organisations.members(page);
      return { keys: items.map(({ user_id }) => user_id), next_cursor };
    },
    isOfOrganisation: true,
  },
  {
    name: "organisations.invitations",
    add: (api, { organisationId = "" }) => addInvitationRow(api, organisationId),
    read: async (caller, page) => keysById(await caller.organisations.invitations(page)),
    isOfOrganisation: true,
  },
  {
    name: "webhooks.deliveries",
    add: async (_api, { caller }) => {
      const [known] = (await caller.webhooks.list()).items;
      const input = { url: "https://example.org/", topics: ["transactions" as const] };
      const { id: webhook_id } = known ?? (await caller.webhooks.create(input));
      await caller.webhooks.test({ webhook_id });
    },
    read: async (caller, page) => keysById(await caller.webhooks.deliveries(page)),
  },
  {
    name: "auth.api_keys",
    // Revoked at once: a user has at most 20 that work.
    add: async (_api, { caller }) => {
      const { id } = await caller.auth.create_api_key({ name: "Report", scopes: ["users:read"] });
      await caller.auth.revoke_api_key({ api_key_id: id });
    },
    read: async (caller, page) => keysById(await caller.auth.api_keys(page)),
  },
];

/** Every list that belongs to a user, with each of its orders. `suggestion` is one that somebody was given. */
export function listUserLists(suggestion: RebalanceSuggestion): PagedList[] {
  const suggestions: UserList = {
    name: "predictions.rebalance_suggestions",
    add: ({ deps }, { id }, choice) => {
      const outcome = choice % 2 === 0 ? ("hold" as const) : ("rebalance" as const);
      const given = { ...suggestion, id: deps.createId(), outcome };
      const row = {
        id: given.id,
        owner_id: id,
        outcome,
        allocation_bp: "{}",
        answer: JSON.stringify(given),
        created_at: deps.clock(),
      };
      return deps.db
        .transaction()
        .execute(async (trx) => insertSuggestion(trx, row, await listProtocolStatuses(trx)));
    },
    read: async (caller, page) =>
      keysById(await caller.predictions.rebalance_suggestions({ ...page, outcome: "hold" })),
  };
  const timed = [...byTime, suggestions].flatMap((list) =>
    (["newest", "oldest"] as const).map((sort) => toPagedList(list, sort)),
  );
  const byAmount = (["highest", "lowest"] as const).map(
    (sort): PagedList => ({
      name: `transactions.list, ${sort}`,
      open: async (api) => {
        const user = await register(api);
        return {
          add: (choice) => logTransaction(api, user, choice),
          read: async (page) => keysById(await user.caller.transactions.list({ ...page, sort })),
        };
      },
    }),
  );
  return [...timed, ...byAmount, wallets];
}

/** Registers somebody whom nobody has used before; if wanted, with an organisation that they call for. */
export async function register(api: TestApi, withOrganisation = false): Promise<Newcomer> {
  const credentials = { email: `${api.deps.createId()}@example.org`, password: "correct horse battery" };
  const { access_token } = await api.caller().auth.register({ ...credentials, full_name: "Ada" });
  const caller = api.caller(access_token);
  const { id } = await caller.auth.me();
  const user = { id, accessToken: access_token, caller, credentials };
  if (!withOrganisation) return user;
  const organisationId = await addOrganisationRow(api, id);
  return { ...user, organisationId, caller: api.caller(access_token, { owner: organisationId }) };
}

/** What tells rows with ids apart. */
export function keysById(page: {
  readonly items: readonly { readonly id: string }[];
  readonly next_cursor: string | null;
}): ReadPage {
  return { keys: page.items.map(({ id }) => id), next_cursor: page.next_cursor };
}

function toPagedList(list: UserList, sort: "newest" | "oldest"): PagedList {
  return {
    name: `${list.name}, ${sort}`,
    reachesWhatIsAdded: list.reachesWhatIsAdded === true && sort === "oldest",
    open: async (api) => {
      const user = await register(api, list.isOfOrganisation);
      return {
        add: (choice) => list.add(api, user, choice),
        read: (page) => list.read(user.caller, { ...page, sort }),
      };
    },
  };
}

const wallets: PagedList = {
  name: "auth.wallets",
  open: async (api) => {
    const user = await register(api);
    return {
      add: async () => {
        const now = api.clock();
        await api.deps.db
          .insertInto("user_wallets")
          .values({
            address: newHash(),
            user_id: user.id,
            state: "deployed",
            signed_hash: null,
            signature: null,
            linked_at: now,
            checked_at: now,
          })
          .execute();
      },
      read: async (page) => {
        const { items, next_cursor } = await user.caller.auth.wallets(page);
        return { keys: items.map(({ wallet_address }) => wallet_address), next_cursor };
      },
    };
  },
};

function logTransaction(_api: TestApi, { caller }: Newcomer, choice: number): Promise<unknown> {
  return caller.transactions.create({
    tx_hash: newHash(),
    tx_type: types[choice % types.length] ?? "deposit",
    amount: amounts[choice % amounts.length] ?? "1",
  });
}

function readTransactions(filter: { readonly tx_type?: TransactionType } = {}): UserList["read"] {
  return async (caller, page) => keysById(await caller.transactions.list({ ...filter, ...page }));
}

/** 31 bytes are below the field's prime. */
function newHash(): string {
  return `0x00${randomBytes(31).toString("hex")}`;
}
