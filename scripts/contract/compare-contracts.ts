import type { JsonSchema } from "@obsqra/contract/schemas";
import { compareSchemas, type SchemaEffect } from "./compare-schemas.ts";
import type { ContractDescription, DescribedEndpoint } from "./describe-contract.ts";

/** One difference between two contracts. */
export interface ContractChange {
  /** What changed and how, such as `transactions.list input.limit: maximum 100 -> 50`. */
  readonly id: string;
  /** Whether somebody who kept to the contract before may fail now. */
  readonly isBreaking: boolean;
}

/** What a caller sends, or what a caller reads. */
type Direction = "input" | "output";

const breakingEffects: Readonly<Record<Direction, readonly SchemaEffect[]>> = {
  input: ["narrower", "other", "removed", "default"],
  output: ["wider", "other", "removed"],
};

/**
 * Every difference between two contracts. New codes are not a break: a program decides on the codes that it knows, and on the
 * status for any other.
 */
export function compareContracts(before: ContractDescription, after: ContractDescription): ContractChange[] {
  return [
    ...compareNames(before.endpoints, after.endpoints, (path, left, right) => [
      ...compareFacts(path, left, right),
      ...compareParts(`${path} input`, [left.input, right.input], "input"),
      ...compareParts(`${path} output`, [left.output, right.output], "output"),
      ...compareErrors(path, left.errors, right.errors),
    ]),
    ...compareNames(before.errors, after.errors, (code, left, right) => [
      ...compareValue(`${code} status`, left.status, right.status),
      ...compareParts(`${code} details`, [left.details, right.details], "output"),
    ]),
  ];

  function compareParts(
    name: string,
    [left, right]: readonly [JsonSchema | null, JsonSchema | null],
    direction: Direction,
  ): ContractChange[] {
    if (left === null && right === null) return [];
    if (right === null) return [{ id: `${name}: removed`, isBreaking: true }];
    // An input with a default may be left out, as before.
    if (left === null) {
      return [{ id: `${name}: added`, isBreaking: direction === "input" && right.default === undefined }];
    }
    const changes = compareSchemas(
      { schema: left, named: before.schemas },
      { schema: right, named: after.schemas },
    );
    return changes.map(({ at, what, effect }) => ({
      id: `${name}${at}: ${what}`,
      isBreaking: breakingEffects[direction].includes(effect),
    }));
  }
}

function compareNames<TDescribed>(
  before: Readonly<Record<string, TDescribed>>,
  after: Readonly<Record<string, TDescribed>>,
  compare: (name: string, left: TDescribed, right: TDescribed) => ContractChange[],
): ContractChange[] {
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort();
  return names.flatMap((name) => {
    const [left, right] = [before[name], after[name]];
    if (right === undefined) return [{ id: `${name}: removed`, isBreaking: true }];
    if (left === undefined) return [{ id: `${name}: added`, isBreaking: false }];
    return compare(name, left, right);
  });
}

function compareFacts(path: string, before: DescribedEndpoint, after: DescribedEndpoint): ContractChange[] {
  return [
    ...compareValue(`${path} kind`, before.kind, after.kind),
    ...compareValue(`${path} rest.method`, before.rest.method, after.rest.method),
    ...compareValue(`${path} rest.path`, before.rest.path, after.rest.path),
    ...compareValue(`${path} rest.status`, before.rest.status, after.rest.status),
    ...compareAccess(path, before.access, after.access),
  ];
}

function compareValue(name: string, before: string | number, after: string | number): ContractChange[] {
  return before === after ? [] : [{ id: `${name}: ${before} -> ${after}`, isBreaking: true }];
}

function compareAccess(
  path: string,
  before: DescribedEndpoint["access"],
  after: DescribedEndpoint["access"],
): ContractChange[] {
  if (before === after) return [];
  // A key with one scope has not got another.
  const isWider = rankAccess(after) < rankAccess(before);
  return [{ id: `${path} access: ${before} -> ${after}`, isBreaking: !isWider }];
}

/** Whom a higher rank lets in, a lower one does, too. */
function rankAccess(access: DescribedEndpoint["access"]): number {
  const rank = ["public", "scope", "session", "recent_session"].indexOf(access);
  return rank < 0 ? 1 : rank;
}

function compareErrors(path: string, before: readonly string[], after: readonly string[]): ContractChange[] {
  const gone = before
    .filter((code) => !after.includes(code))
    .map((code) => `${path} errors: no longer ${code}`);
  const added = after.filter((code) => !before.includes(code)).map((code) => `${path} errors: also ${code}`);
  return [...gone, ...added].map((id) => ({ id, isBreaking: false }));
}
