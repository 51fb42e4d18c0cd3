/** Secrets by what they are, such as `a password`. */
export type Secrets = ReadonlyMap<string, string>;

/** Says which secrets stand in a text: as they are, or in an encoding that anybody can undo. */
export function findLeaks(text: string, secrets: Secrets): string[] {
  return [...secrets].flatMap(([what, secret]) =>
    encodings(secret)
      .filter(([, encoded]) => text.includes(encoded))
      .map(([encoding]) => `${what}, ${encoding}`),
  );
}

function encodings(secret: string): [name: string, text: string][] {
  return [
    ["as it is", secret],
    ["in JSON", JSON.stringify(secret).slice(1, -1)],
    ["in JSON in JSON", JSON.stringify(JSON.stringify(secret)).slice(3, -3)],
    ["in a URL", encodeURIComponent(secret)],
    ["in a form", new URLSearchParams({ "": secret }).toString().slice(1)],
    ["in hexadecimal", Buffer.from(secret).toString("hex")],
    ...[0, 1, 2].flatMap((offset): [string, string][] => [
      ["in base64", encodeInside(secret, offset, "base64")],
      ["in base64url", encodeInside(secret, offset, "base64url")],
    ]),
  ];
}

/** What is the same of a text's base64 wherever the text stands, `offset` bytes after a group of three. */
function encodeInside(secret: string, offset: number, encoding: "base64" | "base64url"): string {
  const encoded = Buffer.from(`${"x".repeat(offset)}${secret}`)
    .toString(encoding)
    .replace(/=+$/, "");
  // The first and the last group contain bits of what stands beside it.
  return encoded.slice(offset === 0 ? 0 : 4, encoded.length - (encoded.length % 4 || 4));
}
