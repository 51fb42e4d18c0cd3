import { createRpcChainReader } from "@obsqra/starknet";
import { createTestWallet, startFakeNode } from "@obsqra/starknet/testing";
import { expect, it } from "vitest";
import { findLeaks } from "./find-leaks.ts";
import { startTestServer } from "./start-test-server.ts";
import { useEverySecret } from "./use-every-secret.ts";

it.each(["rest", "trpc"] as const)(
  "writes no password, token, key or signature into the log of journeys over %s, whatever goes wrong",
  async (protocol) => {
    const wallet = createTestWallet({ privateKey: `0x${"7a3c".repeat(15)}` });
    await using node = await startFakeNode({ chainId: "SN_SEPOLIA", accounts: [wallet.account] });
    const chain = createRpcChainReader({ url: node.url, expectedChainId: "SN_SEPOLIA", fetch });
    await using server = await startTestServer({ debug: true, chain });
    server.app.log.level = "trace";
    const secrets = await useEverySecret(server, wallet, protocol);

    const log = server.logLines.join("");
    expect([log.includes('"level":30,'), log.includes('"level":50,')]).toEqual([true, true]);
    expect(secrets.size).toBeGreaterThan(30);
    expect(findLeaks(log, secrets)).toEqual([]);
  },
);

it("finds a secret in any encoding, beside anything", () => {
  const secret = 'pass "wörd" / + 1234567';
  const secrets = new Map([["it", secret]]);
  const beside = ["", "a", "ab", "abc"].map((prefix) => `${prefix}${secret}!`);
  for (const text of beside) {
    const hiding = [
      text,
      JSON.stringify(text),
      JSON.stringify({ body: JSON.stringify({ text }) }),
      encodeURIComponent(text),
      new URLSearchParams({ text }).toString(),
      Buffer.from(text).toString("hex"),
      Buffer.from(text).toString("base64"),
      Buffer.from(text).toString("base64url"),
    ];
    for (const each of hiding) expect([each, findLeaks(each, secrets)]).not.toEqual([each, []]);
  }
  expect(findLeaks("nothing of it", secrets)).toEqual([]);
});
