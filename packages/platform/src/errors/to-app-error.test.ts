import { expect, it } from "vitest";
import { toAppError } from "./to-app-error.ts";

it.each(["40001", "40P01"])(
  "tells whoever only reads to come again when the database has undone it: %s",
  (code) => {
    const conflict = Object.assign(new Error("could not serialize access"), { code });
    expect(toAppError(conflict).code).toBe("DATABASE_UNAVAILABLE");
    expect(toAppError(new Error("wrapped", { cause: conflict })).code).toBe("DATABASE_UNAVAILABLE");
  },
);
