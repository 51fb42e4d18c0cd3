import { expect, it } from "vitest";
import { canonicalJson, sha256Hex, utf8 } from "../model-format/content-hash.ts";
import { scoringRules } from "./scoring-rules.ts";

it("are those of their version: what is changed in them is the next one", () => {
  expect([scoringRules.version, sha256Hex(utf8(canonicalJson(scoringRules)))]).toEqual([
    1,
    "88b661f24e9a4a3f1ed02a0039c6776f1797bd101c8eb76fbceb6b74aa40ada1",
  ]);
});
