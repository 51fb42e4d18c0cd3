import { DataDirectoryForbiddenError } from "@obsqra/db";
import { expect, it } from "vitest";
import { explainStartError } from "./explain-start-error.ts";

it.each([
  ["EROFS", "Mount the disk so that it can be written."],
  ["EACCES", "Run this as the user whose files they are"],
])("says what to do about files that may not be used: %s", (code, advice) => {
  const cause = Object.assign(new Error(code), { code });
  expect(explainStartError(new DataDirectoryForbiddenError("They may not be used.", { cause }))).toContain(
    advice,
  );
});
