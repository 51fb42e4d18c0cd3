import { expect, it } from "vitest";
import { toCsv } from "./csv.ts";

it("quotes what needs it, leaves unknown figures empty, and lets no text be a formula", () => {
  const rows = [
    ["ETH-USDC", 3.25, null],
    ['a "quoted", b', -1.5, "=1+1"],
  ];
  expect(toCsv(["symbol", "apy", "note"], rows)).toBe(
    'symbol,apy,note\r\nETH-USDC,3.25,\r\n"a ""quoted"", b",-1.5,\'=1+1\r\n',
  );
});
