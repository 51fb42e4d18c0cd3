import type { AccountDeployment } from "@obsqra/contract";
import { AppError } from "@obsqra/platform";
import type { ChainReader, SignatureQuery } from "@obsqra/starknet";
import {
  ChainUnavailableError,
  parseAddress,
  StarknetError,
  verifyCounterfactualSignature,
} from "@obsqra/starknet";

/** Whether there is an account at an address, and why its signature was not accepted, if it was not. */
export interface WalletVerdict {
  readonly isDeployed: boolean;
  readonly refusal: AppError | undefined;
}

/**
 * Asks the account contract about a signature. Only when there is no contract yet, a deployment that was sent along
 * counts; otherwise it is ignored, since the owner of a deployed account may have changed.
 *
 * @throws AppError CHAIN_UNAVAILABLE, which is not a verdict
 */
export async function checkWallet(
  chain: ChainReader,
  query: SignatureQuery,
  deployment: AccountDeployment | undefined,
): Promise<WalletVerdict> {
  const verdict = await askChain(() => askAccount(chain, query));
  switch (verdict) {
    case "valid":
      return { isDeployed: true, refusal: undefined };
    case "invalid":
      return { isDeployed: true, refusal: new AppError("WALLET_SIGNATURE_INVALID", undefined) };
    case "no_entry_point":
      return { isDeployed: true, refusal: new AppError("WALLET_NOT_DEPLOYED", undefined) };
    case "malformed":
      return { isDeployed: false, refusal: new AppError("WALLET_SIGNATURE_INVALID", undefined) };
    case "not_deployed":
      return { isDeployed: false, refusal: checkDeployment(query, deployment) };
  }
}

/** @throws AppError WALLET_ADDRESS_INVALID */
export function readAddress(text: string): string {
  try {
    return parseAddress(text);
  } catch (cause) {
    const reason = cause instanceof StarknetError ? cause.message.replace(/\.$/, "") : "it cannot be read";
    throw new AppError("WALLET_ADDRESS_INVALID", { reason }, { cause });
  }
}

/** @throws AppError CHAIN_NOT_CONFIGURED */
export function requireChain(chain: ChainReader | undefined): ChainReader {
  if (chain === undefined) throw new AppError("CHAIN_NOT_CONFIGURED", undefined);
  return chain;
}

/**
 * Trouble with the node is never a verdict about the wallet.
 *
 * @throws AppError CHAIN_UNAVAILABLE
 */
export async function askChain<TResult>(ask: () => Promise<TResult>): Promise<TResult> {
  try {
    return await ask();
  } catch (cause) {
    if (cause instanceof ChainUnavailableError) throw new AppError("CHAIN_UNAVAILABLE", undefined, { cause });
    throw cause;
  }
}

async function askAccount(chain: ChainReader, query: SignatureQuery) {
  try {
    return await chain.isValidSignature(query);
  } catch (error) {
    // A felt beyond the field cannot even be asked about.
    if (error instanceof StarknetError && error.code === "INVALID_SIGNATURE_FORMAT") return "malformed";
    throw error;
  }
}

function checkDeployment(
  query: SignatureQuery,
  deployment: AccountDeployment | undefined,
): AppError | undefined {
  if (deployment === undefined) return new AppError("WALLET_NOT_DEPLOYED", undefined);
  const verdict = verifyCounterfactualSignature({ ...query, deployment });
  switch (verdict) {
    case "valid":
      return undefined;
    case "invalid":
      return new AppError("WALLET_SIGNATURE_INVALID", undefined);
    default:
      return new AppError("WALLET_DEPLOYMENT_INVALID", { reason: verdict });
  }
}
