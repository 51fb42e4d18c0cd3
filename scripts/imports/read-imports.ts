import { type EcmaScriptModule, parseSync, Visitor } from "oxc-parser";

/** One import of a file, whatever its form. */
export interface Import {
  readonly line: number;
  readonly specifier: string;
}

/**
 * Reads what a file imports: values and types, re-exports, `import()` with a literal, and `import("…")` as a type.
 *
 * @throws Error when it is no TypeScript, or has an `import()` of something computed, which nobody can check
 */
export function readImports(path: string, source: string): Import[] {
  const { program, module, errors } = parseSync(path, source);
  if (errors[0] !== undefined) throw new Error(`${path}: ${errors[0].message}`);
  const found = [...importedByName(module)];
  // Only these need the syntax tree, which costs ten times as much to read as the lists of imports.
  if (/\bimport\s*[(/]/.test(source)) {
    const add = ({ source: from }: { source: { type: string; start: number } }) => {
      if (!("value" in from) || typeof from.value !== "string") {
        throw new Error(
          `${path}:${lineAt(source, from.start)}: import() takes a plain string, which can be checked.`,
        );
      }
      found.push([from.start, from.value]);
    };
    new Visitor({ ImportExpression: add, TSImportType: add }).visit(program);
  }
  return found
    .sort(([a], [b]) => a - b)
    .map(([start, specifier]) => ({ line: lineAt(source, start), specifier }));
}

function lineAt(source: string, position: number): number {
  return source.slice(0, position).split("\n").length;
}

function importedByName({ staticImports, staticExports }: EcmaScriptModule): Map<number, string> {
  const requests = [
    ...staticImports.map(({ moduleRequest }) => moduleRequest),
    ...staticExports.flatMap(({ entries }) => entries.map(({ moduleRequest }) => moduleRequest)),
  ];
  // Each name of a re-export has its own entry with the same place.
  return new Map(requests.flatMap((request) => (request ? [[request.start, request.value] as const] : [])));
}
