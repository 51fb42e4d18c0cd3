import { canonicalJson } from "@obsqra/receipts";

/** The fields in which two objects differ, with both values. */
export function differences(
  committed: Readonly<Record<string, unknown>>,
  found: Readonly<Record<string, unknown>>,
): string[] {
  const names = new Set([...Object.keys(committed), ...Object.keys(found)]);
  return [...names].flatMap((name) => {
    const [left, right] = [committed[name], found[name]].map((value) => canonicalJson(value ?? null));
    return left === right ? [] : [`${name} was ${left}, is ${right}`];
  });
}
