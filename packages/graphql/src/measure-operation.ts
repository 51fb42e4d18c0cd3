import type {
  FragmentDefinitionNode,
  GraphQLObjectType,
  NamedTypeNode,
  OperationDefinitionNode,
  SelectionNode,
  SelectionSetNode,
} from "graphql";
import { isProblemType } from "./problem-types.ts";
import { relationPaths } from "./relations.ts";

/** How much an operation asks for, with each fragment in the place of each of its spreads. */
export interface OperationCost {
  /** Fields within each other. */
  readonly depth: number;
  readonly fields: number;
  /** Fields that are called something else: what one response may have several times. */
  readonly aliases: number;
  /** How often each endpoint is called, by its path. */
  readonly calls: ReadonlyMap<string, number>;
  /**
   * How often each is to be paid for: once for a call, and once more for each alias within, by which a response has the same rows again.
   * An error has no rows.
   */
  readonly shares: ReadonlyMap<string, number>;
  /** Those of the aliases that are paid for. */
  readonly copies: number;
}

const none: ReadonlyMap<string, number> = new Map();
const nothing: OperationCost = { depth: 0, fields: 0, aliases: 0, copies: 0, calls: none, shares: none };

/**
 * Measures an operation before it is validated, in one walk over the document: what a fragment asks for is added up once, by its content, so
 * that it counts the same wherever it is spread, whatever it is called, and however often. Introspection is measured like everything else.
 *
 * @param root the type whose fields call endpoints
 */
export function measureOperation(
  operation: OperationDefinitionNode,
  fragments: ReadonlyMap<string, FragmentDefinitionNode>,
  root: GraphQLObjectType | undefined,
): OperationCost {
  const endpoints = root?.getFields() ?? {};
  const known = new Map<string, OperationCost>();
  return measure(operation.selectionSet);

  function measureFragment(name: string): OperationCost {
    const measured = known.get(name);
    if (measured !== undefined) return measured;
    // One within itself has no end: validation says so, and until then it is nothing. So is one that is not there.
    known.set(name, nothing);
    const fragment = fragments.get(name);
    const found = withoutCopies(measure(fragment?.selectionSet), fragment?.typeCondition);
    known.set(name, found);
    return found;
  }

  function measure(set: SelectionSetNode | undefined): OperationCost {
    return (set?.selections ?? []).map(measureSelection).reduce(add, nothing);
  }

  function measureSelection(selection: SelectionNode): OperationCost {
    if (selection.kind === "FragmentSpread") return measureFragment(selection.name.value);
    const inner = measure(selection.selectionSet);
    if (selection.kind === "InlineFragment") return withoutCopies(inner, selection.typeCondition);
    const { value: name } = selection.name;
    const ofRoot = endpoints[name]?.extensions.path;
    const path = typeof ofRoot === "string" ? ofRoot : relationPaths.get(name);
    const own = (times: number) => (path === undefined ? none : new Map([[path, times]]));
    return {
      depth: inner.depth + 1,
      fields: inner.fields + 1,
      aliases: inner.aliases + (selection.alias === undefined ? 0 : 1),
      copies: inner.copies + (selection.alias === undefined ? 0 : 1),
      // What leads to something else calls for it once, however many there are of it; under another name, once more.
      calls: addTimes(inner.calls, own(1)),
      shares: addTimes(inner.shares, own(1 + inner.copies)),
    };
  }
}

function withoutCopies(cost: OperationCost, type: NamedTypeNode | undefined): OperationCost {
  return isProblemType(type?.name.value ?? "") ? { ...cost, copies: 0 } : cost;
}

function add(one: OperationCost, other: OperationCost): OperationCost {
  return {
    depth: Math.max(one.depth, other.depth),
    fields: one.fields + other.fields,
    aliases: one.aliases + other.aliases,
    copies: one.copies + other.copies,
    calls: addTimes(one.calls, other.calls),
    shares: addTimes(one.shares, other.shares),
  };
}

function addTimes(one: ReadonlyMap<string, number>, other: ReadonlyMap<string, number>) {
  // Most are of fields that call nothing.
  if (other.size === 0) return one;
  const sum = new Map(one);
  for (const [path, times] of other) sum.set(path, times + (sum.get(path) ?? 0));
  return sum;
}
