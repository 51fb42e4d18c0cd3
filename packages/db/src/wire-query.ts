import type pg from "pg";
import type { WireResult, WireStatement } from "./wire-statement.ts";
import { wireTypes } from "./wire-types.ts";

/** What the rows of a statement look like on the wire. */
export interface Column {
  readonly name: string;
  readonly parse: (text: string) => unknown;
}

/** The statements that one connection has under names, with the columns of their rows. */
export type PreparedStatements = Map<string, readonly Column[]>;

/** What is used of pg's connection. */
interface WireConnection {
  readonly stream: { cork(): void; uncork(): void };
  parse(message: { readonly text: string; readonly name: string }): void;
  bind(message: { readonly statement: string; readonly values: readonly (string | Buffer | null)[] }): void;
  describe(message: { readonly type: "P"; readonly name: "" }): void;
  execute(message: object): void;
  close(message: { readonly type: "S"; readonly name: string }): void;
  sync(): void;
}

type Done = (error: Error | undefined, results: readonly WireResult[]) => void;

/**
 * Statements with what begins and ends their transaction, as one message: when a part fails, Postgres leaves out what follows, and
 * undoes what came before. Of a statement that the connection knows by its name, neither the text is sent again nor are its columns
 * described. pg's own queries do neither.
 */
export class WireQuery implements pg.Submittable {
  readonly #statements: readonly WireStatement[];
  readonly #prepared: PreparedStatements;
  readonly #done: Done;
  /** pg calls it when there is nothing to send on. */
  readonly callback: (error: Error) => void;
  /** The columns of the statements that are done or under way; undefined until they are described. */
  readonly #columns: (readonly Column[] | undefined)[] = [];
  /** The commands that are still to be completed before that of the first statement. */
  #before: number;
  readonly #results: WireResult[] = [];
  #rows: unknown[] = [];

  /** @param statements of which only the first may begin a transaction, and only the last end one */
  constructor(statements: readonly WireStatement[], prepared: PreparedStatements, done: Done) {
    this.#statements = statements;
    this.#prepared = prepared;
    this.#done = done;
    this.#before = statements[0]?.isFirst === true ? 1 : 0;
    this.callback = (error) => this.handleError(error);
  }

  /** Whether its values can be written without pg: lists cannot. */
  static takes({ name, values = [] }: WireStatement): boolean {
    return (name !== undefined || values.length > 0) && !values.some(Array.isArray);
  }

  submit(connection: object): void {
    // Only pg calls this, with a connection of its own.
    const wire = connection as WireConnection;
    const isFirst = this.#before > 0;
    // All in one packet, as far as it goes.
    wire.stream.cork();
    if (isFirst) command(wire, "begin");
    for (const statement of this.#statements) this.#write(wire, statement);
    if (this.#statements.at(-1)?.isLast === true) command(wire, "commit");
    wire.sync();
    wire.stream.uncork();
  }

  #write(wire: WireConnection, { text, name = "", values = [] }: WireStatement): void {
    const known = this.#prepared.get(name);
    this.#columns.push(known);
    if (known === undefined) {
      // An attempt that failed may have left it there.
      if (name !== "") wire.close({ type: "S", name });
      wire.parse({ text, name });
    }
    wire.bind({ statement: name, values: values.map(toWire) });
    if (known === undefined) wire.describe({ type: "P", name: "" });
    wire.execute({});
  }

  handleRowDescription({ fields }: { readonly fields: readonly pg.FieldDef[] }): void {
    this.#columns[this.#results.length] = fields.map(({ name, dataTypeID }) => ({
      name,
      parse: wireTypes.getTypeParser(dataTypeID, "text") as Column["parse"],
    }));
  }

  handleDataRow({ fields }: { readonly fields: readonly (string | null)[] }): void {
    const row: Record<string, unknown> = {};
    this.#columns[this.#results.length]?.forEach(({ name, parse }, index) => {
      const text = fields[index];
      row[name] = text == null ? null : parse(text);
    });
    this.#rows.push(row);
  }

  handleCommandComplete({ text }: { readonly text: string }): void {
    const last = this.#results.at(-1);
    if (this.#before > 0) this.#before -= 1;
    else if (this.#results.length < this.#statements.length) this.#complete(toResult(text, this.#rows));
    // Of the commit, which may say that it has rolled back.
    else if (text !== "COMMIT" && last !== undefined) this.#results.splice(-1, 1, { ...last, command: text });
  }

  #complete(result: WireResult): void {
    this.#results.push(result);
    this.#rows = [];
  }

  handleReadyForQuery(): void {
    // After an error, which is told already.
    if (this.#results.length < this.#statements.length) return;
    this.#statements.forEach(({ name }, index) => {
      if (name !== undefined) this.#prepared.set(name, this.#columns[index] ?? []);
    });
    this.#done(undefined, this.#results);
  }

  handleError(error: Error): void {
    this.#done(error, []);
  }

  handleEmptyQuery(): void {
    this.#complete(nothing);
  }

  handlePortalSuspended(): void {}

  handleCopyInResponse(): void {}

  handleCopyData(): void {}
}

const nothing: WireResult = { command: "", rowCount: null, rows: [] };

function command(wire: WireConnection, text: "begin" | "commit"): void {
  wire.parse({ text, name: "" });
  wire.bind({ statement: "", values: [] });
  wire.execute({});
}

/** Such as `INSERT 0 1` or `SELECT 5`. */
function toResult(tag: string, rows: unknown[]): WireResult {
  const [command = "", ...counts] = tag.split(" ");
  const count = counts.at(-1);
  return { command, rowCount: count === undefined ? null : Number(count), rows };
}

/** A value as Postgres reads it; bytes as they are, everything else as text. */
function toWire(value: unknown): string | Buffer | null {
  if (value === null || value === undefined) return null;
  if (typeof value === "string") return value;
  if (value instanceof Uint8Array) return Buffer.from(value.buffer, value.byteOffset, value.byteLength);
  if (value instanceof Date) return momentToWire(value);
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}

/** Of years that ISO 8601 writes with a sign, Postgres reads only those after Christ. */
function momentToWire(moment: Date): string {
  const text = moment.toISOString();
  return text.startsWith("+") ? text.slice(1).replace(/^0+/, "") : text;
}
