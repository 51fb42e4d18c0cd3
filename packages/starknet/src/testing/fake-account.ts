import { toRpcFelt } from "../felt.ts";
import { encodeShortString } from "../short-string.ts";
import { verifyStarkSignature } from "../stark-signature.ts";

/**
 * What a fake account returns from `is_valid_signature`:
 *
 * - `standard`: 'VALID', or 0 for a bad signature (OpenZeppelin);
 * - `bool`: 1 or 0 (older accounts);
 * - `reverts`: 'VALID', or a revert for a bad signature (Argent, Braavos);
 * - `no_entry_point`: a contract that is not an account;
 * - `returns`: always these felts, whatever was signed.
 */
export type FakeAccountBehaviour =
  | { kind: "standard" | "bool" | "reverts" | "no_entry_point" }
  | { kind: "returns"; felts: readonly string[] };

/** A contract deployed on a fake node. */
export interface FakeAccount {
  /** Canonical address. */
  address: string;
  /** The x coordinate of the Stark public key, `0x` hex. */
  publicKey: string;
  /** @default { kind: "standard" } */
  behaviour?: FakeAccountBehaviour;
  /** @default testAccountClassHash */
  classHash?: string;
}

/** What a call of a contract gives: felts, or the error of the JSON-RPC specification. */
export type FakeCallOutcome =
  | { result: string[] }
  | { error: { code: number; message: string; data?: unknown } };

/** Runs `is_valid_signature` with real Stark verification, as the account contract would. */
export function callIsValidSignature(account: FakeAccount, calldata: readonly string[]): FakeCallOutcome {
  const { kind, ...rest } = account.behaviour ?? { kind: "standard" };
  if ("felts" in rest) return { result: [...rest.felts] };
  if (kind === "no_entry_point") return entryPointNotFound();
  const [hash = "0x0", length = "0x0", ...signature] = calldata;
  if (BigInt(length) !== BigInt(signature.length)) return reverted(account, "Failed to deserialize param #2");
  const isValid = verifies(account.publicKey, hash, signature);
  if (!isValid && kind === "reverts") return reverted(account, "argent/invalid-signature");
  if (!isValid) return { result: ["0x0"] };
  return { result: [kind === "bool" ? "0x1" : toRpcFelt(encodeShortString("VALID"))] };
}

/** ENTRYPOINT_NOT_FOUND of the specification. */
export function entryPointNotFound(): FakeCallOutcome {
  return { error: { code: 21, message: "Requested entry point does not exist in the contract" } };
}

/** CONTRACT_ERROR of the specification, with its structured trace. */
function reverted(account: FakeAccount, reason: string): FakeCallOutcome {
  const trace = {
    contract_address: toRpcFelt(BigInt(account.address)),
    class_hash: "0x1",
    selector: "0x1",
    error: toRpcFelt(encodeShortString(reason)),
  };
  return { error: { code: 40, message: "Contract error", data: { revert_error: trace } } };
}

function verifies(publicKey: string, hash: string, signature: readonly string[]): boolean {
  const [r, s, ...rest] = signature;
  if (r === undefined || s === undefined || rest.length > 0) return false;
  return verifyStarkSignature(BigInt(hash), { r: BigInt(r), s: BigInt(s) }, BigInt(publicKey));
}
