import type { AccountDeployment, TypedData } from "@obsqra/client";

/**
 * A Starknet wallet of this browser, as extensions announce themselves to `get-starknet`: an object `starknet_NAME` of the window with the
 * wallet RPC of https://github.com/starknet-io/types-js/blob/main/src/wallet-api. Read here rather than by the package, which loads code of
 * MetaMask's from another site when it starts.
 */
export interface BrowserWallet {
  readonly id: string;
  readonly name: string;
  readonly request: WalletRequest;
}

type WalletRequest = (call: { readonly type: string; readonly params?: unknown }) => Promise<unknown>;

/** An account that is not there yet, or that the wallet does not tell of, is `undefined`. */
export interface SignedChallenge {
  readonly signature: string[];
  readonly deployment: AccountDeployment | undefined;
}

/** The wallets that are installed, each once. */
export function findWallets(from: object): BrowserWallet[] {
  const found = new Map<string, BrowserWallet>();
  for (const name of Object.getOwnPropertyNames(from)) {
    if (!name.startsWith("starknet")) continue;
    const wallet: unknown = Reflect.get(from, name);
    if (isWallet(wallet) && !found.has(wallet.id)) found.set(wallet.id, wallet);
  }
  return [...found.values()].toSorted((left, right) => left.name.localeCompare(right.name));
}

/** Asks a wallet which account is to be linked; it asks its owner. */
export async function askForAddress(wallet: BrowserWallet): Promise<string> {
  const accounts = await wallet.request({ type: "wallet_requestAccounts" });
  const [address] = Array.isArray(accounts) ? accounts : [];
  if (typeof address !== "string") throw new Error("The wallet has named no account.");
  return address;
}

/** Has a wallet sign a challenge, and tell how its account will be where it is not deployed yet. */
export async function signChallenge(wallet: BrowserWallet, typedData: TypedData): Promise<SignedChallenge> {
  // Asked first, since signing is what the owner waits for. A wallet refuses where its account is deployed.
  const deployment = await wallet.request({ type: "wallet_deploymentData" }).catch(() => undefined);
  const signature = await wallet.request({ type: "wallet_signTypedData", params: typedData });
  if (!Array.isArray(signature)) throw new Error("The wallet has given no signature.");
  return { signature: signature.map(String), deployment: isDeployment(deployment) ? deployment : undefined };
}

function isWallet(value: unknown): value is BrowserWallet {
  return (
    typeof value === "object" &&
    value !== null &&
    "id" in value &&
    typeof value.id === "string" &&
    "name" in value &&
    typeof value.name === "string" &&
    "request" in value &&
    typeof value.request === "function"
  );
}

/** What of it does not hold, the service says. */
function isDeployment(value: unknown): value is AccountDeployment {
  return typeof value === "object" && value !== null && "class_hash" in value && "salt" in value;
}
