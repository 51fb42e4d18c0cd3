import { findAccountClass } from "./account-classes.ts";
import { parseAddress } from "./address.ts";
import type { SignatureQuery } from "./chain-reader.ts";
import { type AccountDeployment, calculateContractAddress } from "./contract-address.ts";
import { StarknetError } from "./errors.ts";
import { parseFelt } from "./felt.ts";
import { parseSignature } from "./signature.ts";
import { verifyStarkSignature } from "./stark-signature.ts";

/** A question about an account that is not deployed yet: would it accept this signature? */
export interface CounterfactualSignatureQuery extends SignatureQuery {
  readonly deployment: AccountDeployment;
}

/**
 * What the address of an account says about a signature.
 *
 * - `valid`: the key that the address commits to has signed the hash.
 * - `invalid`: it has not.
 * - `class_unknown`: we do not know how accounts of this class treat keys and signatures.
 * - `address_differs`: the deployment leads to another address, or to none.
 * - `constructor_unsupported`: the account is not one with a single Stark key and no guardian.
 */
export type CounterfactualVerdict =
  | "valid"
  | "invalid"
  | "class_unknown"
  | "address_differs"
  | "constructor_unsupported";

/**
 * Checks a signature for an account that is not deployed yet, without asking a node. An address commits to the class
 * and the constructor calldata, and so to the owner's key: for classes that we know, the key is taken from there.
 *
 * Only use it when the chain has said `not_deployed`: the owner of a deployed account may have changed. Ask the account
 * itself as soon as it is deployed.
 *
 * @throws StarknetError `INVALID_ADDRESS`, `INVALID_FELT` (of the hash), `INVALID_SIGNATURE_FORMAT`
 */
export function verifyCounterfactualSignature(query: CounterfactualSignatureQuery): CounterfactualVerdict {
  const address = parseAddress(query.account);
  const hash = parseFelt(query.hash);
  const felts = parseSignature(query.signature).map(BigInt);
  const deployment = readDeployment(query.deployment);
  if (deployment === undefined) return "address_differs";
  const accountClass = findAccountClass(deployment.classHash);
  if (accountClass === undefined) return "class_unknown";
  const publicKey = accountClass.publicKeyOf(deployment.calldata);
  if (publicKey === undefined) return "constructor_unsupported";
  // Not before: Pedersen hashes are slow, and only here is it certain that there are few of them.
  if (calculateContractAddress(query.deployment) !== address) return "address_differs";
  const signature = accountClass.signatureOf(felts, publicKey);
  return signature !== undefined && verifyStarkSignature(hash, signature, publicKey) ? "valid" : "invalid";
}

/** `undefined` when a part of the deployment is not a felt, so that it leads to no address. */
function readDeployment({ class_hash, constructor_calldata, salt, deployer_address }: AccountDeployment) {
  try {
    parseFelt(salt);
    parseFelt(deployer_address);
    return { classHash: parseFelt(class_hash), calldata: constructor_calldata.map(parseFelt) };
  } catch (error) {
    if (error instanceof StarknetError) return undefined;
    throw error;
  }
}
