import { expect, it } from "vitest";
import * as client from "./index.ts";

it("exports what the README describes and nothing else", () => {
  expect(Object.keys(client).sort()).toEqual([
    "ObsqraError",
    "createClient",
    "createMemoryTokenStorage",
    "follow",
    "followTogether",
    "isObsqraError",
    "paginate",
    "renewTokens",
    "signIn",
    "signInWithIdentity",
    "signInWithPasskey",
  ]);
});
