import { createTestDatabase } from "@obsqra/db/testing";
import canonicalize from "canonicalize";
import fc from "fast-check";
import { sql } from "kysely";
import { expect, it } from "vitest";

/** What Postgres can keep in jsonb: any text without NUL. */
const text = fc.string({ unit: "binary", maxLength: 8 }).map((value) => value.replaceAll("\0", ""));
const number = fc.oneof(
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.double({ noNaN: true, min: -1e22, max: 1e22 }),
  fc.double({ noNaN: true, min: -1e-5, max: 1e-5 }),
  fc.integer(),
  fc.integer({ min: -330, max: 308 }).map((exponent) => Number(`1e${exponent}`)),
);
const { json } = fc.letrec<{ json: fc.JsonValue }>((tie) => ({
  json: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    text,
    number,
    fc.boolean(),
    fc.constant(null),
    fc.array(tie("json"), { maxLength: 4 }),
    fc.dictionary(fc.oneof(text, fc.nat(20).map(String)), tie("json"), { maxKeys: 6 }),
  ),
}));

it("is written by the database exactly as by anybody who follows RFC 8785", async () => {
  await using database = await createTestDatabase();
  await fc.assert(
    fc.asyncProperty(fc.array(json, { minLength: 1, maxLength: 50 }), async (values) => {
      // As details are stored: by JSON.stringify.
      const { rows } = await sql<{ canonical: string }>`
        select canonical_json(value) as canonical
        from jsonb_array_elements(cast(${JSON.stringify(values)} as jsonb)) with ordinality as each (value, place)
        order by place`.execute(database.db);
      expect(rows.map(({ canonical }) => canonical)).toEqual(values.map((value) => canonicalize(value)));
    }),
    { numRuns: 200 },
  );
});

it("sorts names by UTF-16 code units, and writes numbers as ECMAScript does", async () => {
  await using database = await createTestDatabase();
  const values = [
    { "\u{1f600}": 1, "\ufb33": 2, "\u20ac": 3, "\u0080": 4, ö: 5, "1": 6, "\r": 7, "10": 8, "9": 9 },
    [333333333.3333333, 1e30, 4.5, 2e-3, 1e-27, 1e21, 1e20, 1e-6, 1e-7, 123e-9, -1.5e300, 5e-324, -0],
  ];
  for (const value of values) {
    const { rows } = await sql<{ canonical: string }>`
      select canonical_json(cast(${JSON.stringify(value)} as jsonb)) as canonical`.execute(database.db);
    expect(rows[0]?.canonical).toBe(canonicalize(value));
  }
});
