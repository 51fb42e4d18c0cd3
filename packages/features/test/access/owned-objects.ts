import { contract, type ErrorCode, type ObjectKind, webhooksMax } from "@obsqra/contract";
import { sampleInput } from "@obsqra/contract/testing";
import {
  addIdentityRow,
  addPasskeyRow,
  addRememberedDevice,
  addTestMember,
  addWebhookAttempt,
  type TestApi,
} from "../../src/testing/index.ts";

/** Whose objects are made. */
export interface Owner {
  readonly userId: string;
  readonly accessToken: string;
  /** The organisation that they own, for what is an organisation's. */
  readonly organisationId?: string | undefined;
}

/** How an object of a kind is made, and what endpoints return when there is none. */
export interface ObjectFactory {
  /** Makes one for its owner; gives what names it in an input. */
  readonly create: (api: TestApi, owner: Owner) => Promise<string>;
  /** Something of this kind that nobody has. */
  readonly missing: (api: TestApi) => string;
  readonly notFound: ErrorCode;
}

/** One for every kind; an endpoint that names an object of another kind fails the matrix. */
export const objectFactories: Readonly<Record<ObjectKind, ObjectFactory>> = {
  session: {
    create: async (api, owner) => {
      const { email } = await api.caller(owner.accessToken).auth.me();
      await api.caller().auth.login({ email, password: "correct horse battery" });
      const { items } = await api.caller(owner.accessToken).auth.sessions();
      return items.find(({ is_current }) => !is_current)?.id ?? "";
    },
    missing: (api) => api.deps.createId(),
    notFound: "SESSION_NOT_FOUND",
  },
  api_key: {
    create: async (api, owner) => {
      const input = { name: "Report", scopes: ["analytics:read" as const] };
      return (await api.caller(owner.accessToken).auth.create_api_key(input)).id;
    },
    missing: (api) => api.deps.createId(),
    notFound: "API_KEY_NOT_FOUND",
  },
  remembered_device: {
    create: (api, owner) => addRememberedDevice(api, owner.userId),
    missing: (api) => api.deps.createId(),
    notFound: "DEVICE_NOT_FOUND",
  },
  passkey: {
    create: (api, owner) => addPasskeyRow(api, owner.userId),
    missing: (api) => api.deps.createId(),
    notFound: "PASSKEY_NOT_FOUND",
  },
  identity: {
    create: (api, owner) => addIdentityRow(api, owner.userId),
    missing: (api) => api.deps.createId(),
    notFound: "IDENTITY_NOT_FOUND",
  },
  wallet: {
    // Written directly: linking one needs a wallet that signs.
    create: async (api, owner) => {
      const address = randomFelt(api);
      const now = api.clock();
      const state = "deployed";
      await api.deps.db
        .insertInto("user_wallets")
        .values({ address, user_id: owner.userId, state, linked_at: now, checked_at: now })
        .execute();
      return address;
    },
    missing: randomFelt,
    notFound: "WALLET_NOT_FOUND",
  },
  wallet_challenge: {
    create: async (api, owner) => {
      // For the same address that the sample input of connect_wallet has.
      const { wallet_address } = contract.auth.wallet_challenge.input.parse(
        sampleInput(contract.auth.wallet_challenge.input),
      );
      return (await api.caller(owner.accessToken).auth.wallet_challenge({ wallet_address })).challenge_id;
    },
    missing: (api) => api.deps.createId(),
    notFound: "WALLET_CHALLENGE_INVALID",
  },
  transaction: {
    create: async (api, owner) => {
      const tx_hash = randomFelt(api);
      // With an allocation, so that the history of allocations gets an entry, too.
      const input = { tx_hash, tx_type: "allocate" as const, amount: "1250.5", allocation: { nostra: 100 } };
      return (await api.caller(owner.accessToken).transactions.create(input)).tx_hash;
    },
    missing: randomFelt,
    notFound: "TRANSACTION_NOT_FOUND",
  },
  suggestion: {
    create: async (api, owner) => (await api.caller(owner.accessToken).predictions.run_optimization()).id,
    missing: (api) => api.deps.createId(),
    notFound: "SUGGESTION_NOT_FOUND",
  },
  webhook: {
    create: async (api, owner) => {
      const { webhooks } = api.caller(owner.accessToken);
      const { items } = await webhooks.list();
      const webhook = items[webhooksMax.free - 1]?.id ?? (await createWebhook(api, owner));
      // So that its list of deliveries has one.
      await webhooks.test({ webhook_id: webhook });
      return webhook;
    },
    missing: (api) => api.deps.createId(),
    notFound: "WEBHOOK_NOT_FOUND",
  },
  member: {
    create: async (api, { organisationId = "" }) =>
      (await addTestMember(api, organisationId, "viewer")).userId,
    missing: (api) => api.deps.createId(),
    notFound: "MEMBER_NOT_FOUND",
  },
  invitation: {
    create: async (api, { accessToken, organisationId: owner }) => {
      const input = { email: `${api.deps.createId()}@example.org`, role: "viewer" as const };
      return (await api.caller(accessToken, { owner }).organisations.invite(input)).id;
    },
    missing: (api) => api.deps.createId(),
    notFound: "INVITATION_NOT_FOUND",
  },
  webhook_delivery: {
    create: async (api, owner) => {
      const caller = api.caller(owner.accessToken);
      // A plan has room for few webhooks, and any number of deliveries.
      const [known] = (await caller.webhooks.list()).items;
      const webhook_id = known?.id ?? (await createWebhook(api, owner));
      const { id } = await caller.webhooks.test({ webhook_id });
      await addWebhookAttempt(api, { ...owner, webhookId: webhook_id, deliveryId: id });
      return id;
    },
    missing: (api) => api.deps.createId(),
    notFound: "WEBHOOK_DELIVERY_NOT_FOUND",
  },
};

/** @throws Error when nobody has said how such an object is made */
export function factoryOf(kind: string): ObjectFactory {
  const factory = Object.entries(objectFactories).find(([name]) => name === kind)?.[1];
  if (factory === undefined) throw new Error(`Add a factory for objects of the kind ${kind}.`);
  return factory;
}

/** Below 2^248, so that it is a felt and an address. */
function randomFelt(api: TestApi): string {
  return `0x00${Buffer.from(api.deps.randomBytes(31)).toString("hex")}`;
}

async function createWebhook(api: TestApi, owner: Owner): Promise<string> {
  const input = { url: "https://example.org/obsqra", topics: ["transactions" as const] };
  return (await api.caller(owner.accessToken).webhooks.create(input)).id;
}
