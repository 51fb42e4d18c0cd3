import type { DocumentPart } from "./components.ts";

type Paths = { readonly [path: string]: { readonly [method: string]: DocumentPart } };

/**
 * Moves the error responses that several operations have in common to the components, which halves the document. They are called after
 * their status, and numbered where one has several.
 */
export function shareResponses(paths: Paths): { paths: Paths; responses: Record<string, DocumentPart> } {
  const shared = nameShared(paths);
  const responses = Object.fromEntries([...shared].map(([text, name]) => [name, JSON.parse(text)]));
  const mapped = mapResponses(paths, (response) => {
    const name = shared.get(JSON.stringify(response));
    return name === undefined ? response : { $ref: `#/components/responses/${name}` };
  });
  return { paths: mapped, responses };
}

/** The names of those that occur more than once, by their text. */
function nameShared(paths: Paths): Map<string, string> {
  const uses = new Map<string, { readonly status: string; count: number }>();
  mapResponses(paths, (response, status) => {
    const text = JSON.stringify(response);
    const use = uses.get(text) ?? { status, count: 0 };
    use.count += 1;
    uses.set(text, use);
    return response;
  });
  const numbers = new Map<string, number>();
  return new Map(
    [...uses]
      .filter(([, { count }]) => count > 1)
      .map(([text, { status }]) => {
        const number = (numbers.get(status) ?? 0) + 1;
        numbers.set(status, number);
        return [text, `Error${status}${number === 1 ? "" : `_${number}`}`];
      }),
  );
}

function mapResponses(paths: Paths, map: (response: unknown, status: string) => unknown): Paths {
  const mapOperation = (operation: DocumentPart): DocumentPart => ({
    ...operation,
    responses: Object.fromEntries(
      Object.entries(operation.responses as DocumentPart).map(([status, response]) => [
        status,
        Number(status) < 400 ? response : map(response, status),
      ]),
    ),
  });
  return Object.fromEntries(
    Object.entries(paths).map(([path, methods]) => [
      path,
      Object.fromEntries(
        Object.entries(methods).map(([method, operation]) => [method, mapOperation(operation)]),
      ),
    ]),
  );
}
