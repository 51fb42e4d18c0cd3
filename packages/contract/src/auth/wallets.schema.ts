import { z } from "zod";
import { felt, nextCursor, pageFields, starknetAddress, timestamp } from "../common/common.schema.ts";
import { objectReference } from "../endpoints/object-reference.ts";
import { exact } from "../figures/figures.ts";

export const walletChallengeInput = z
  .object({ wallet_address: starknetAddress })
  .meta({ id: "WalletChallengeInput" });
export type WalletChallengeInput = z.output<typeof walletChallengeInput>;

/** SNIP-12 revision 1 typed data, as `account.signMessage` of a Starknet wallet takes it. */
export const typedData = z
  .object({
    types: z.record(z.string(), z.array(z.object({ name: z.string(), type: z.string() }))),
    primaryType: z.string(),
    domain: z.record(z.string(), z.string()),
    message: z
      .record(z.string(), z.union([z.string(), exact("as its type says", "it is what is signed")]))
      .describe("What is signed, by the fields of types"),
  })
  .meta({ id: "TypedData" });
export type TypedData = z.output<typeof typedData>;

export const walletChallenge = z
  .object({
    challenge_id: z.uuid(),
    typed_data: typedData.describe("Pass to the wallet's signMessage"),
    expires_at: timestamp,
  })
  .meta({ id: "WalletChallenge" });
export type WalletChallenge = z.output<typeof walletChallenge>;

/** What determines the address of an account before it is deployed. */
const accountDeployment = z
  .object({
    class_hash: felt,
    salt: felt,
    calldata: z.array(felt).max(64).optional().describe("Of the constructor, as wallets name it"),
    constructor_calldata: z.array(felt).max(64).optional().describe("The same; one of the two is needed"),
    deployer_address: felt.default("0x0"),
  })
  .transform(({ calldata, constructor_calldata = calldata, ...rest }, ctx) => {
    if (constructor_calldata === undefined) {
      ctx.addIssue({ code: "custom", path: ["calldata"], message: "is missing" });
      return z.NEVER;
    }
    if (calldata !== undefined && calldata.join() !== constructor_calldata.join()) {
      const message = "leave it out, or give the same as constructor_calldata";
      ctx.addIssue({ code: "custom", path: ["calldata"], message });
      return z.NEVER;
    }
    return { ...rest, constructor_calldata };
  })
  .meta({ id: "AccountDeployment" });
export type AccountDeployment = z.output<typeof accountDeployment>;

const signatureFelts = z.array(felt).min(1).max(128);

/** What an ECDSA library gives. */
const signaturePair = z.object({ r: felt, s: felt }).transform(({ r, s }) => [r, s]);

export const connectWalletInput = z
  .object({
    challenge_id: objectReference("wallet_challenge", z.uuid()),
    wallet_address: starknetAddress,
    signature: z
      .union([signatureFelts, signaturePair], "use a list of felts, or an object with r and s")
      .describe(
        "The wallet's signature of typed_data, untouched: whatever number of felts it gave, or an object with r and s",
      ),
    deployment: accountDeployment
      .optional()
      .describe(
        "For an account that is not deployed yet: how it will be, as the wallet tells (wallet_deploymentData), with whatever else it tells. Ignored for a deployed one",
      ),
  })
  .meta({ id: "ConnectWalletInput" });
export type ConnectWalletInput = z.output<typeof connectWalletInput>;

export const wallet = z
  .object({
    wallet_address: z.string().describe("66-character lower-case form"),
    is_primary: z.boolean().describe("Whether it is the wallet_address of the user"),
    state: z
      .enum(["deployed", "counterfactual"])
      .describe(
        "deployed: the account contract has accepted the signature; counterfactual: not deployed yet, so the signature was checked against the key that the address commits to",
      ),
    linked_at: timestamp,
    checked_at: timestamp.describe(
      "When the signature was last accepted, or the account was last found to be not deployed yet",
    ),
  })
  .meta({ id: "Wallet" });
export type Wallet = z.output<typeof wallet>;

/** A user has at most this many. */
export const walletsMax = 20;

export const listWalletsInput = z.object(pageFields).meta({ id: "ListWalletsInput" }).prefault({});
export type ListWalletsInput = z.output<typeof listWalletsInput>;

export const wallets = z.object({ items: z.array(wallet), next_cursor: nextCursor }).meta({ id: "Wallets" });
export type Wallets = z.output<typeof wallets>;

export const walletInput = z
  .object({ wallet_address: objectReference("wallet", starknetAddress) })
  .meta({ id: "WalletInput" });
export type WalletInput = z.output<typeof walletInput>;
