import { expect, it } from "vitest";
import { normaliseBill } from "./bill-of-materials.ts";
import { findUnpinnedImages } from "./images.ts";
import { findForeignLicences } from "./licences.ts";

const digest = `sha256:${"0a".repeat(32)}`;

function billOf(names: readonly string[], change: object = {}): string {
  const hashes = [{ alg: "SHA-512", content: "00" }];
  const components = names.map((name) => ({
    "bom-ref": name,
    name,
    version: "1.0.0",
    externalReferences: [{ hashes }],
  }));
  const dependencies = names.map((ref) => ({ ref, dependsOn: names.filter((name) => name !== ref) }));
  const tools = { components: [{ name: "pnpm", version: names.join(".") }] };
  const metadata = { timestamp: new Date().toISOString(), tools, component: { name: "obsqra" } };
  return JSON.stringify({ serialNumber: crypto.randomUUID(), metadata, components, dependencies, ...change });
}

const licences = { MIT: ["a", "b", "c"].map((name) => ({ name, versions: ["1.0.0"] })) };

it("makes the same bill of the same packages, whenever and in whatever order", () => {
  expect(normaliseBill(billOf(["b", "a", "c"]), licences)).toBe(
    normaliseBill(billOf(["c", "b", "a"]), licences),
  );
  expect(normaliseBill(billOf(["a"]), licences)).not.toBe(normaliseBill(billOf(["b"]), licences));
});

it("refuses a bill with a package whose content is not pinned", () => {
  const bill = billOf([], { components: [{ "bom-ref": "pkg:npm/loose@1.0.0" }] });
  expect(() => normaliseBill(bill, licences)).toThrow("no hash of pkg:npm/loose@1.0.0");
});

it("says the licence of each package, of a build for another platform that of whoever chooses it", () => {
  const group = {
    MIT: [{ name: "ours", versions: ["1.0.0"] }],
    "MIT OR ISC": [{ name: "a", versions: ["1.0.0"] }],
  };
  const dependencies = [{ ref: "a", dependsOn: ["a-windows"] }];
  const { components } = JSON.parse(normaliseBill(billOf(["a", "a-windows"], { dependencies }), group));
  const expression = [{ expression: "MIT OR ISC" }];
  expect(components).toMatchObject([{ licenses: expression }, { licenses: expression }]);
  expect(() => normaliseBill(billOf(["b"], { dependencies }), group)).toThrow(
    "The licence of b is not known.",
  );
});

it("names the packages whose licence is not on the list, and takes the better of two", () => {
  const packages = {
    MIT: [{ name: "fine", versions: ["1.0.0"] }],
    "(MIT OR GPL-3.0)": [{ name: "choice", versions: ["1.0.0"] }],
    "MIT AND GPL-3.0": [{ name: "both", versions: ["1.0.0"] }],
    "(MIT AND ISC)": [{ name: "notices", versions: ["1.0.0"] }],
    "MPL-2.0": [{ name: "tool", versions: ["2.0.0", "3.0.0"] }],
    Unknown: [{ name: "silent", versions: ["1.0.0"] }],
  };
  expect(findForeignLicences(packages, "served")).toEqual([
    "both@1.0.0 has the licence MIT AND GPL-3.0",
    "tool@2.0.0, 3.0.0 has the licence MPL-2.0",
    "silent@1.0.0 has the licence Unknown",
  ]);
  expect(findForeignLicences(packages, "tools")).toHaveLength(2);
});

it("names the images that have only a tag", () => {
  const dockerfile = `FROM --platform=linux/amd64 node:24@${digest} AS build\nFROM build\nFROM debian:12\n`;
  expect(findUnpinnedImages("Dockerfile", dockerfile)).toEqual(["Dockerfile: debian:12 has no digest"]);
  expect(findUnpinnedImages("compose", `services:\n  a:\n    image: postgres:18\n`)).toEqual([
    "compose: postgres:18 has no digest",
  ]);
});
