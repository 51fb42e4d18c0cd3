import { eventTopic } from "@obsqra/contract";
import { createCaller, setOperatorRights } from "@obsqra/features";
import { createKnownBytes } from "@obsqra/platform/testing";
import { createTestWallet, type FakeNode, type TestWallet } from "@obsqra/starknet/testing";
import { createDependencies } from "../../src/create-dependencies.ts";
import { readEnvironment } from "../../src/env.ts";
import type { WebhookReceiver } from "./receiver.ts";

/** Who uses the service, each by an API key. */
export interface People {
  readonly operatorKey: string;
  readonly users: readonly User[];
}

/** Somebody who asks for advice and logs what was done about it. */
export interface User {
  readonly email: string;
  readonly password: string;
  readonly key: string;
  readonly wallet: TestWallet;
}

const silent = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };
const password = "correct horse battery staple";
export const operatorEmail = "operator@example.org";

/** Makes the database, and in it an operator and users with a linked wallet each, before any server is started. */
export async function settlePeople(
  variables: Readonly<Record<string, string>>,
  {
    at,
    node,
    receiver,
    users: count,
  }: {
    readonly at: Date;
    readonly node: FakeNode;
    readonly receiver: Pick<WebhookReceiver, "url" | "know">;
    readonly users: number;
  },
): Promise<People> {
  const env = readEnvironment(variables);
  const dependencies = await createDependencies({ env, log: silent, clock: () => at, fetch });
  const { api } = dependencies;
  const callerOf = (access_token: string | undefined) =>
    createCaller({ ...api, request: { id: "settle", access_token, ip: undefined, user_agent: undefined } });
  const signUp = async (email: string) => {
    const tokens = await callerOf(undefined).auth.register({ email, password, full_name: "Ada" });
    return callerOf(tokens.access_token);
  };
  try {
    const operator = await signUp(operatorEmail);
    await setOperatorRights(api, { email: operatorEmail, isGranted: true });
    const { key: operatorKey } = await operator.auth.create_api_key({
      name: "Watch",
      scopes: ["operations:read", "operations:write"],
      expires_in_days: 365,
    });
    const users: User[] = [];
    for (let index = 0; index < count; index += 1) {
      const email = `user-${index}@example.org`;
      const user = await signUp(email);
      await user.users.update_preferences({ auto_rebalance_enabled: true });
      const wallet = createTestWallet({ privateKey: `0x${(0x1234 + index).toString(16)}` });
      node.deploy(wallet.account);
      const wallet_address = wallet.address;
      const { challenge_id, typed_data } = await user.auth.wallet_challenge({ wallet_address });
      // The contract describes typed data more loosely than the library that hashes it.
      const signature = wallet.sign(typed_data as Parameters<typeof wallet.sign>[0]);
      await user.auth.connect_wallet({ challenge_id, wallet_address, signature });
      const { key } = await user.auth.create_api_key({
        name: "Simulation",
        scopes: [
          "predictions:read",
          "predictions:write",
          "transactions:read",
          "transactions:write",
          "webhooks:read",
          "events:read",
        ],
        expires_in_days: 365,
      });
      const path = `/user-${index}`;
      const topics = [...eventTopic.options];
      const { secret } = await user.webhooks.create({ url: `${receiver.url}${path}`, topics });
      receiver.know(path, secret);
      users.push({ email, password, key, wallet });
    }
    return { operatorKey, users };
  } finally {
    await dependencies.close();
  }
}

/** Hashes of transactions, the same in each run. */
export function createHashes(seed: number): () => string {
  const randomBytes = createKnownBytes(`simulation ${seed}`);
  // 31 bytes are below the field's prime.
  return () => `0x00${Buffer.from(randomBytes(31)).toString("hex")}`;
}
