import { createClient, paginate, type TransactionEntry } from "@obsqra/client";

const obsqra = createClient({ url: "http://localhost:8000" });
await obsqra.auth.login.mutate({ email: "ada@example.org", password: "correct horse battery staple" });
await obsqra.transactions.create.mutate({ tx_hash: "0x5a1d", tx_type: "deposit", amount: "1250.50" });

let end = { position: 0, hash: "0".repeat(64) };
for await (const entry of paginate(obsqra.transactions.entries, { sort: "oldest", limit: 100 })) {
  end = await follow(end, entry);
}
// Keep these two: the log of tomorrow has to have this hash at this position.
console.log(`${end.position} entries, ${end.hash}`);

/** Checks that an entry follows the previous one, and that its content is what was hashed. */
async function follow(before: typeof end, entry: TransactionEntry): Promise<typeof end> {
  const { content_hash, previous_hash, hash, ...content } = entry;
  const { position } = content;
  const holds =
    position === before.position + 1 &&
    previous_hash === before.hash &&
    content_hash === (await sha256(new TextEncoder().encode(canonicalJson(content)))) &&
    hash === (await sha256(bytesOf(previous_hash + content_hash)));
  if (!holds) throw new Error(`The log does not hold at entry ${position}.`);
  return { position, hash };
}

/** RFC 8785. */
function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join()}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const fields = Object.entries(value).sort(([left], [right]) => (left < right ? -1 : 1));
  return `{${fields.map(([name, field]) => `${JSON.stringify(name)}:${canonicalJson(field)}`).join()}}`;
}

async function sha256(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

function bytesOf(hex: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(hex.match(/../g) ?? [], (byte) => Number.parseInt(byte, 16));
}
