import type {
  FragmentDefinitionNode,
  GraphQLObjectType,
  OperationDefinitionNode,
  SelectionNode,
  SelectionSetNode,
} from "graphql";

/** How much an operation asks for, with each fragment in the place of each of its spreads. */
export interface OperationCost {
  /** Fields within each other. */
  readonly depth: number;
  readonly fields: number;
  /** Fields that are called something else: what one response may have several times. */
  readonly aliases: number;
  /** How often each endpoint is called, by its path. */
  readonly calls: ReadonlyMap<string, number>;
}

const nothing: OperationCost = { depth: 0, fields: 0, aliases: 0, calls: new Map() };

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
    const found = measure(fragments.get(name)?.selectionSet);
    known.set(name, found);
    return found;
  }

  function measure(set: SelectionSetNode | undefined): OperationCost {
    return (set?.selections ?? []).map(measureSelection).reduce(add, nothing);
  }

  function measureSelection(selection: SelectionNode): OperationCost {
    if (selection.kind === "FragmentSpread") return measureFragment(selection.name.value);
    const inner = measure(selection.selectionSet);
    if (selection.kind === "InlineFragment") return inner;
    const path = endpoints[selection.name.value]?.extensions.path;
    return {
      depth: inner.depth + 1,
      fields: inner.fields + 1,
      aliases: inner.aliases + (selection.alias === undefined ? 0 : 1),
      // What is within a field calls nothing: there are endpoints on top only.
      calls: typeof path === "string" ? new Map([[path, 1]]) : nothing.calls,
    };
  }
}

function add(one: OperationCost, other: OperationCost): OperationCost {
  const calls = new Map(one.calls);
  for (const [path, times] of other.calls) calls.set(path, times + (calls.get(path) ?? 0));
  return {
    depth: Math.max(one.depth, other.depth),
    fields: one.fields + other.fields,
    aliases: one.aliases + other.aliases,
    calls,
  };
}
