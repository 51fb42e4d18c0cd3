import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { parseAddress } from "../address.ts";
import { toCanonicalHex } from "../felt.ts";
import { type FeltRiskParams, fixedRiskParams } from "../risk-engine-felt.ts";
import type { FakeAccount } from "./fake-account.ts";
import type { FakeBlock, FakeOracle } from "./fake-fees.ts";
import type { FakeAnchor, FakeLogAnchor } from "./fake-log-anchor.ts";
import { runWaiting } from "./fake-mempool.ts";
import type { FakeChain, FakeRequest, FakeTransaction } from "./fake-rpc.ts";
import { handleRpc, readRequest } from "./fake-rpc.ts";

/** Ways in which a node can be in trouble. `hang` never responds; `disconnect` drops the connection. */
export type FakeFailure =
  | "http_500"
  | "http_429"
  | "http_401"
  | "hang"
  | "disconnect"
  | "not_json"
  | "endless"
  | "wrong_envelope"
  | "wrong_shape"
  | "wrong_id"
  | "internal_error";

export interface FakeNodeOptions {
  /** The network it claims to be, as name or felt. @default "SN_SEPOLIA" */
  chainId?: string;
  /** The deployed accounts. */
  accounts?: readonly FakeAccount[];
  /** Failures of the first requests, one each, in order. */
  failures?: readonly FakeFailure[];
  /** Called when a request has arrived, before the response is sent. */
  onRequest?: (request: FakeRequest) => void;
}

/** A running fake node; `await using` stops it. */
export interface FakeNode extends AsyncDisposable {
  url: string;
  /** Every request that arrived, oldest first. */
  requests: readonly FakeRequest[];
  /** Adds a transaction, or replaces the one with its hash. */
  include(transaction: FakeTransaction): void;
  /** Goes on by so many blocks. */
  addBlocks(count: number): void;
  /** Takes a transaction out, as when its block was replaced. */
  forget(hash: string): void;
  /** Adds a contract, or replaces the one at its address. */
  deploy(account: FakeAccount): void;
  /** Adds a RiskEngine contract, or sets the weights of the one at the address. @default the weights of version 2.2.0 */
  deployRiskEngine(address: string, params?: FeltRiskParams): void;
  /** Adds a contract that keeps trees of a log, or sets what it keeps. @default nobody owns it */
  deployLogAnchor(address: string, anchors: readonly FakeAnchor[], owner?: string): void;
  /** What a contract keeps of a log. */
  anchorsOf(address: string): readonly FakeAnchor[];
  /** Sets what an account has, in fri. @default enough for everything */
  fund(account: string, fri: bigint): void;
  /** Makes a block, at the time of the newest, of what accounts have sent. @returns how many transactions it has */
  runSent(): number;
  /** Loses what accounts have sent, as a node does that starts again. */
  dropSent(): void;
  /** Adds a Pragma oracle, or replaces what the one at the address says. */
  deployOracle(address: string, oracle: FakeOracle): void;
  /** Changes what the newest block says. @default 3 gfri for L2 gas at the start of 2026 */
  setBlock(block: Partial<FakeBlock>): void;
  /** Lets the next requests fail, one failure each. */
  failNext(...failures: FakeFailure[]): void;
  /** Lets every request fail until called with `undefined`. */
  failAlways(failure: FakeFailure | undefined): void;
  /** Lets every request about a transaction with such a hash fail. */
  failFor(hash: RegExp, failure: FakeFailure): void;
  /** Takes the node down: connections are refused from then on. Harmless when repeated. */
  stop(): Promise<void>;
}

/**
 * Starts a schema-valid fake node on 127.0.0.1: it accepts only requests, and sends only responses, in the shapes of the
 * official JSON-RPC specification, and verifies Stark signatures for real. It is not Starknet: there are no blocks, no
 * classes and no Cairo, and passing against it does not mean "tested on Starknet".
 *
 * @example
 * await using node = await startFakeNode({ chainId: "SN_SEPOLIA", accounts: [wallet.account] });
 */
export async function startFakeNode(options: FakeNodeOptions = {}): Promise<FakeNode> {
  const { chainId = "SN_SEPOLIA", accounts = [], failures = [], onRequest } = options;
  const contracts = new Map<string, FakeAccount>();
  const deploy = (account: FakeAccount) => contracts.set(parseAddress(account.address), account);
  for (const account of accounts) deploy(account);
  const riskEngines = new Map<string, FeltRiskParams>();
  const logAnchors = new Map<string, FakeLogAnchor>();
  const mempool = { nonces: new Map(), balances: new Map(), waiting: new Map() };
  const transactions = new Map<string, FakeTransaction>();
  const oracles = new Map<string, FakeOracle>();
  let block: FakeBlock = {
    time: new Date("2026-01-01T00:00:00Z"),
    l1GasFri: 30_000_000_000_000n,
    l2GasFri: 3_000_000_000n,
    l1DataGasFri: 30_000n,
  };
  let blockNumber = 1_000;
  const requests: FakeRequest[] = [];
  const pending = [...failures];
  let permanent: FakeFailure | undefined;
  let partial: { readonly hash: RegExp; readonly failure: FakeFailure } | undefined;

  const server = createServer(async (req, res) => {
    const request = readRequest(await readBody(req), req.headers);
    requests.push(request);
    onRequest?.(request);
    const isPartial = partial?.hash.test(hashIn(request)) === true;
    const failure = pending.shift() ?? permanent ?? (isPartial ? partial?.failure : undefined);
    if (failure !== undefined) return fail(res, failure, request);
    sendJson(res, 200, handleRpc(request, chain()));
  });
  const chain = (): FakeChain => ({
    chainId,
    contracts,
    riskEngines,
    logAnchors,
    transactions,
    blockNumber,
    block,
    oracles,
    mempool,
  });
  const include = (transaction: FakeTransaction) =>
    void transactions.set(toCanonicalHex(BigInt(transaction.hash)), { block: blockNumber, ...transaction });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo; // A TCP server that listens has a port.

  const stop = () =>
    new Promise<void>((resolve) => {
      // A server that is already closed reports an error here, which is what was asked for.
      server.close(() => resolve());
      server.closeAllConnections();
    });
  return {
    url: `http://127.0.0.1:${port}/rpc/v0_10`,
    requests,
    include,
    addBlocks: (count) => {
      blockNumber += count;
    },
    forget: (hash) => void transactions.delete(toCanonicalHex(BigInt(hash))),
    deploy: (account) => void deploy(account),
    deployRiskEngine: (address, params = fixedRiskParams) =>
      void riskEngines.set(parseAddress(address), params),
    deployLogAnchor: (address, anchors, owner = "0x0") =>
      void logAnchors.set(parseAddress(address), { owner: BigInt(owner), anchors }),
    anchorsOf: (address) => logAnchors.get(parseAddress(address))?.anchors ?? [],
    fund: (account, fri) => void mempool.balances.set(parseAddress(account), fri),
    runSent: () => {
      blockNumber += 1;
      const run = runWaiting(chain());
      for (const transaction of run) include(transaction);
      return run.length;
    },
    dropSent: () => mempool.waiting.clear(),
    deployOracle: (address, oracle) => void oracles.set(parseAddress(address), oracle),
    setBlock: (changes) => {
      block = { ...block, ...changes };
    },
    failNext: (...next) => void pending.push(...next),
    failAlways: (failure) => {
      permanent = failure;
    },
    failFor: (hash, failure) => {
      partial = { hash, failure };
    },
    stop,
    [Symbol.asyncDispose]: stop,
  };
}

/** The hash of the transaction that a request is about, or nothing. */
function hashIn({ params }: FakeRequest): string {
  const isObject = typeof params === "object" && params !== null && "transaction_hash" in params;
  return isObject ? String(params.transaction_hash) : "";
}

function fail(res: ServerResponse, failure: FakeFailure, { id }: FakeRequest): void {
  switch (failure) {
    case "http_500":
      sendText(res, 500, "upstream error");
      break;
    case "http_429":
      sendText(res, 429, "too many requests");
      break;
    case "http_401":
      sendText(res, 401, "invalid api key");
      break;
    case "hang":
      break;
    case "disconnect":
      res.destroy();
      break;
    case "endless":
      sendWithoutEnd(res);
      break;
    case "not_json":
      sendText(res, 200, "<html>maintenance</html>");
      break;
    case "wrong_envelope":
      sendJson(res, 200, { jsonrpc: "2.0", id });
      break;
    case "wrong_shape":
      sendJson(res, 200, { jsonrpc: "2.0", id, result: { unexpected: true } });
      break;
    case "wrong_id":
      sendJson(res, 200, { jsonrpc: "2.0", id: -1, result: "0x1" });
      break;
    case "internal_error":
      sendJson(res, 200, { jsonrpc: "2.0", id, error: { code: -32603, message: "Internal error" } });
      break;
  }
}

async function readBody(req: IncomingMessage): Promise<string> {
  let body = "";
  for await (const chunk of req.setEncoding("utf8")) body += String(chunk);
  return body;
}

function sendJson(res: ServerResponse, status: number, value: unknown): void {
  res.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(value));
}

function sendText(res: ServerResponse, status: number, text: string): void {
  res.writeHead(status, { "content-type": "text/plain" }).end(text);
}

/** Valid JSON that goes on for as long as anybody listens. */
function sendWithoutEnd(res: ServerResponse): void {
  res.writeHead(200, { "content-type": "application/json" });
  const write = () => {
    while (!res.destroyed) if (!res.write(" ".repeat(64 * 1024))) return void res.once("drain", write);
  };
  write();
}
