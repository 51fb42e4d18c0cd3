import fc from "fast-check";
import pg from "pg";
import { expect, it } from "vitest";
import { parseMoment, wireTypes } from "./wire-types.ts";

const timestamptz = 1184;
const byPg = pg.types.getTypeParser(timestamptz, "text") as (text: string) => unknown;

function print(moment: Date, digits: number): string {
  const [day, time = ""] = moment.toISOString().split("T");
  const seconds = time.slice(0, 8);
  const fraction = `${time.slice(9, 12)}000`.slice(0, digits);
  return `${day} ${seconds}${digits === 0 ? "" : `.${fraction}`}+00`;
}

it("reads every moment as pg does", () => {
  const moments = fc.date({
    min: new Date("0100-01-01T00:00:00Z"),
    max: new Date("9999-12-31T23:59:59.999Z"),
    noInvalidDate: true,
  });
  fc.assert(
    fc.property(moments, fc.integer({ min: 0, max: 6 }), (moment, digits) => {
      const text = print(moment, digits);
      expect(parseMoment(text)).toEqual(new Date(text.replace(" ", "T").replace("+00", "Z")));
    }),
  );
});

it.each([
  "2026-01-15 12:00:00+00",
  "2026-01-15 12:00:00.1+00",
  "2026-01-15 12:00:00.123456+00",
  "1969-12-31 23:59:59.999999+00",
  "2026-01-15 12:00:00+05:30",
  "0044-03-15 00:00:00+00 BC",
  "0044-03-15 00:00:00+00",
  "12026-01-15 12:00:00+00",
  "infinity",
  "-infinity",
])("reads %s as pg does", (text) => {
  const parse = wireTypes.getTypeParser(timestamptz, "text") as (text: string) => unknown;
  expect(parse(text)).toEqual(byPg(text));
});
