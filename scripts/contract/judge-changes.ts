import type { ContractChange } from "./compare-contracts.ts";

/** A breaking change that is meant, as `breaking-changes.json` has it. */
export interface DeclaredBreak {
  /** The change's id, as the comparison prints it. */
  readonly id: string;
  /** Why callers have to bear it, and what they can do. */
  readonly reason: string;
}

/** What the comparison of two contracts comes to. */
export interface Judgement {
  readonly compatible: readonly string[];
  readonly declared: readonly DeclaredBreak[];
  /** Breaking changes that nobody has declared. */
  readonly undeclared: readonly string[];
  /** Declarations that no change, or no breaking one, belongs to. */
  readonly unmatched: readonly DeclaredBreak[];
}

/** Sets breaking changes against those that were declared. */
export function judgeChanges(
  changes: readonly ContractChange[],
  declarations: readonly DeclaredBreak[],
): Judgement {
  const breaking = changes.filter(({ isBreaking }) => isBreaking).map(({ id }) => id);
  const declaredIds = new Set(declarations.map(({ id }) => id));
  return {
    compatible: changes.filter(({ isBreaking }) => !isBreaking).map(({ id }) => id),
    declared: declarations.filter(({ id }) => breaking.includes(id)),
    undeclared: breaking.filter((id) => !declaredIds.has(id)),
    unmatched: declarations.filter(({ id }) => !breaking.includes(id)),
  };
}

/**
 * Reads `breaking-changes.json`: a list of objects with an id and a reason.
 *
 * @throws Error saying what is wrong with it
 */
export function readDeclarations(text: string): DeclaredBreak[] {
  const declarations: unknown = JSON.parse(text);
  if (!Array.isArray(declarations)) throw new Error("breaking-changes.json has to be a list.");
  return declarations.map((declaration: unknown) => {
    const { id, reason } = (declaration ?? {}) as { readonly id?: unknown; readonly reason?: unknown };
    if (typeof id === "string" && typeof reason === "string" && reason.trim() !== "") return { id, reason };
    throw new Error(
      `Each breaking change needs an id and a reason, unlike ${JSON.stringify(declaration)} in breaking-changes.json.`,
    );
  });
}
