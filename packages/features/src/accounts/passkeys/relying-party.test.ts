import { expect, it } from "vitest";
import { relyingPartyOf } from "./relying-party.ts";

it.each([
  ["https://obsqra.example", "https://obsqra.example", "obsqra.example", ["https://obsqra.example"]],
  [
    "https://obsqra.example",
    "https://api.obsqra.example",
    "obsqra.example",
    ["https://obsqra.example", "https://api.obsqra.example"],
  ],
  // A foreign host, and one whose name only ends alike.
  ["https://app.example", "https://api.other.example", "app.example", ["https://app.example"]],
  ["https://app.example", "https://evilapp.example", "app.example", ["https://app.example"]],
  ["http://localhost:8000", "http://localhost:8000/", "localhost", ["http://localhost:8000"]],
])("a frontend at %s and a server at %s belong to %s", (appUrl, publicUrl, id, origins) => {
  expect(relyingPartyOf(appUrl, publicUrl)).toEqual({ id, origins });
});
