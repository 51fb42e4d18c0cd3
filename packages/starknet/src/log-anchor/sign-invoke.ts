import { toRpcFelt } from "../felt.ts";

/** What a transaction pays at most for one kind of gas. */
interface GasBound {
  readonly amount: bigint;
  /** Of a unit, in fri. */
  readonly price: bigint;
}

/** What a transaction pays at most. */
export interface GasBounds {
  readonly l1Gas: GasBound;
  readonly l2Gas: GasBound;
  readonly l1DataGas: GasBound;
}

/** A call of a contract by an account, before it is signed. */
export interface UnsignedInvoke {
  /** Felts. */
  readonly account: bigint;
  readonly chainId: bigint;
  readonly nonce: bigint;
  readonly tip: bigint;
  readonly bounds: GasBounds;
  readonly call: {
    readonly contract: bigint;
    readonly entryPoint: string;
    readonly calldata: readonly bigint[];
  };
  /** Only to learn what it would cost: nobody can send it. */
  readonly isQuery: boolean;
}

/** As `starknet_addInvokeTransaction` takes it (BROADCASTED_INVOKE_TXN), with its hash. */
export interface SignedInvoke {
  readonly hash: bigint;
  readonly transaction: Record<string, unknown>;
}

const versions = { query: "0x100000000000000000000000000000003", final: "0x3" } as const;

/**
 * Signs with an account's Stark key. `starknet`, which does it, takes 35 MB of memory: it is loaded when something is signed for
 * the first time.
 */
export async function signInvoke(invoke: UnsignedInvoke, privateKey: string): Promise<SignedInvoke> {
  const { EDAMode, EDataAvailabilityMode, hash, Signer, transaction } = await import("starknet");
  const { account, nonce, tip, bounds, call, isQuery } = invoke;
  const version = isQuery ? versions.query : versions.final;
  const calls = [
    {
      contractAddress: toRpcFelt(call.contract),
      entrypoint: call.entryPoint,
      calldata: call.calldata.map(toRpcFelt),
    },
  ];
  const signed = {
    version,
    // Its type names the public networks only; any felt is hashed alike.
    chainId: toRpcFelt(invoke.chainId) as Parameters<
      typeof hash.calculateInvokeTransactionHash
    >[0]["chainId"],
    nonce: toRpcFelt(nonce),
    tip: toRpcFelt(tip),
    resourceBounds: {
      l1_gas: boundOf(bounds.l1Gas),
      l2_gas: boundOf(bounds.l2Gas),
      l1_data_gas: boundOf(bounds.l1DataGas),
    },
    paymasterData: [],
    accountDeploymentData: [],
  };
  const calldata = transaction.getExecuteCalldata(calls, "1").map((felt) => toRpcFelt(BigInt(felt)));
  const signature = await new Signer(privateKey).signTransaction(calls, {
    ...signed,
    walletAddress: toRpcFelt(account),
    cairoVersion: "1",
    nonceDataAvailabilityMode: EDataAvailabilityMode.L1,
    feeDataAvailabilityMode: EDataAvailabilityMode.L1,
  });
  const transactionHash = hash.calculateInvokeTransactionHash({
    ...signed,
    senderAddress: toRpcFelt(account),
    compiledCalldata: calldata,
    nonceDataAvailabilityMode: EDAMode.L1,
    feeDataAvailabilityMode: EDAMode.L1,
  });
  return {
    hash: BigInt(transactionHash),
    transaction: {
      type: "INVOKE",
      sender_address: toRpcFelt(account),
      calldata,
      version,
      signature: feltsOf(signature),
      nonce: toRpcFelt(nonce),
      resource_bounds: {
        l1_gas: rpcBoundOf(bounds.l1Gas),
        l2_gas: rpcBoundOf(bounds.l2Gas),
        l1_data_gas: rpcBoundOf(bounds.l1DataGas),
      },
      tip: toRpcFelt(tip),
      paymaster_data: [],
      account_deployment_data: [],
      nonce_data_availability_mode: "L1",
      fee_data_availability_mode: "L1",
    },
  };
}

/** A signature of the Stark curve is r and s. */
function feltsOf(signature: string[] | { readonly r: bigint; readonly s: bigint }): string[] {
  if (Array.isArray(signature)) return signature;
  return [signature.r, signature.s].map(toRpcFelt);
}

function boundOf({ amount, price }: GasBound) {
  return { max_amount: amount, max_price_per_unit: price };
}

function rpcBoundOf({ amount, price }: GasBound) {
  return { max_amount: toRpcFelt(amount), max_price_per_unit: toRpcFelt(price) };
}
