import { anchorLog, getLogFile } from "@obsqra/features";
import { createTestApi, type TestApi, writeWholeLog } from "@obsqra/features/testing";
import { bytesToHex, parseCheckpoint } from "@obsqra/receipts";
import { createRpcLogAnchor } from "@obsqra/starknet";
import { createTestWallet, type FakeNode, startFakeNode } from "@obsqra/starknet/testing";
import { type Verification, verifyForecast } from "@obsqra/verify";
import { runCommand } from "@obsqra/verify/command";
import { afterAll, beforeAll, expect, it } from "vitest";

/** Of a contract like contracts/log_anchor.cairo, on a node that is none of Starknet's. */
const contract = "0xa11c402";
const inTime = Date.UTC(2026, 0, 15, 13) / 1_000;

let api: TestApi;
let node: FakeNode;
let receipt: Awaited<ReturnType<ReturnType<TestApi["caller"]>["receipts"]["forecast"]>>;
let tree: { readonly size: number; readonly root: bigint };

beforeAll(async () => {
  api = await createTestApi({ withForecasts: true });
  node = await startFakeNode();
  await writeWholeLog(api);
  const { items } = await api.caller().predictions.forecast_history({ granularity: "market", limit: 1 });
  receipt = await api.caller().receipts.forecast({ forecast_id: items[0]?.id ?? "" });
  const checkpoint = await getLogFile(api.deps, "checkpoint");
  const { size, root } = parseCheckpoint(String(checkpoint?.content));
  tree = { size, root: BigInt(`0x${bytesToHex(root)}`) };
});

afterAll(async () => {
  await node[Symbol.asyncDispose]();
  await api[Symbol.asyncDispose]();
});

const fetchLog = async (url: string) => {
  const file = await getLogFile(api.deps, new URL(url).pathname.replace(/^\/log\//, ""));
  if (file === undefined) return new Response("", { status: 404 });
  return new Response(typeof file.content === "string" ? file.content : Buffer.from(file.content));
};

function verify(address = contract): Promise<Verification> {
  const anchor = { contract: address, rpcUrl: node.url };
  return verifyForecast(receipt, { fetch: fetchLog, reExecute: false, anchor });
}

const anchorCheck = ({ checks }: Verification) => checks.find(({ name }) => name === "anchor");

/** Trees of the first entries, of which only the sizes are looked at. */
const smaller = [1, 2].map((size) => ({ size, root: 1n, timestamp: inTime - 1_000 }));

it("takes the time of a block for the time of the first tree with a forecast that is anchored", async () => {
  node.deployLogAnchor(contract, [
    ...smaller,
    { ...tree, timestamp: inTime },
    { size: tree.size + 5, root: 2n, timestamp: inTime + 1_000_000 },
  ]);
  const verification = await verify();
  expect(anchorCheck(verification)).toMatchObject({
    state: "passed",
    says: expect.stringMatching(
      /^A tree of \d+ entries, .*is anchored since 2026-01-15T13:00:00.000Z, before/,
    ),
  });
  expect(verification.verdict).toBe("witnessed");
  expect((await verifyForecast(receipt, { fetch: fetchLog, reExecute: false })).verdict).toBe(
    "self_attested",
  );
});

it("tells a tree that is anchored late, and another one than is shown", async () => {
  node.deployLogAnchor(contract, [{ ...tree, timestamp: Date.UTC(2026, 1, 1) / 1_000 }]);
  expect(anchorCheck(await verify())).toMatchObject({
    state: "failed",
    says: expect.stringMatching(/^The tree with it is anchored only since 2026-02-01/),
  });
  node.deployLogAnchor(contract, [{ ...tree, root: tree.root + 1n, timestamp: inTime }]);
  const split = await verify();
  expect([split.verdict, anchorCheck(split)]).toMatchObject([
    "failed",
    { state: "failed", says: expect.stringContaining("the log has two views") },
  ]);
});

it("says where nothing with it is anchored, or only a tree that the receipt does not reach", async () => {
  node.deployLogAnchor(contract, smaller);
  expect(anchorCheck(await verify())).toMatchObject({
    state: "not_checked",
    says: expect.stringMatching(/^None of 2 trees that are anchored has the entry/),
  });
  node.deployLogAnchor(contract, [{ size: tree.size + 1, root: 3n, timestamp: inTime }]);
  expect(anchorCheck(await verify())).toMatchObject({
    state: "not_checked",
    says: expect.stringContaining("take a newer receipt"),
  });
});

it("accuses nobody where the node gives no answer, and says where the contract is none", async () => {
  expect(anchorCheck(await verify("0xdead"))).toEqual({
    name: "anchor",
    state: "failed",
    says: "There is no contract at 0xdead.",
  });
  node.deployLogAnchor(contract, [{ ...tree, timestamp: inTime }]);
  for (const failure of ["http_500", "not_json", "wrong_shape", "internal_error", "disconnect"] as const) {
    node.failNext(failure);
    const verification = await verify();
    expect([failure, anchorCheck(verification)?.state, verification.verdict]).toEqual([
      failure,
      "unreadable",
      "not_checked",
    ]);
  }
});

it("believes what the service has anchored by itself", async () => {
  const owner = createTestWallet({ privateKey: "0x1234567890abcdef" });
  node.deploy(owner.account);
  node.deployLogAnchor(contract, [], owner.address);
  const account = { account: owner.address, privateKey: "0x1234567890abcdef", feeMax: 10n ** 18n };
  const anchor = createRpcLogAnchor({
    url: node.url,
    expectedChainId: "SN_SEPOLIA",
    fetch,
    contract,
    ...account,
  });
  const deps = { ...api.deps, logAnchoring: { anchor, everyHours: 6 } };
  expect(await anchorLog(deps, undefined)).toMatchObject({ outcome: "waiting" });
  node.setBlock({ time: new Date(inTime * 1_000) });
  node.runSent();
  expect(anchorCheck(await verify())).toMatchObject({ state: "passed" });
});

it("asks the node that the command line names", async () => {
  let printed = "";
  const run = (...args: string[]) =>
    runCommand(args, {
      fetch: async (url, init) => {
        if (url.startsWith(node.url)) return fetch(url, init);
        return url.includes("/receipt") ? Response.json(receipt) : fetchLog(url);
      },
      readFile: async () => "",
      write: (text) => {
        printed += text;
      },
      complain: (text) => {
        printed += text;
      },
    });
  node.deployLogAnchor(contract, [{ ...tree, timestamp: inTime }]);
  const asked = ["http://localhost:8000", "forecast", receipt.forecast_id, "--quick"];
  expect(await run(...asked, "--anchor", contract, "--rpc", node.url)).toBe(0);
  expect(printed).toMatch(/ok {4}anchor {8}A tree of/);
  for (const [wrong, says] of [
    [["--anchor", contract], "go together"],
    [["--rpc", node.url], "go together"],
    [["--anchor", "nowhere", "--rpc", node.url], "is no address on Starknet"],
    [["--anchor", contract, "--rpc", "node"], "is no URL"],
  ] as const) {
    printed = "";
    expect(await run(...asked, ...wrong)).toBe(2);
    expect(printed).toContain(says);
  }
});
