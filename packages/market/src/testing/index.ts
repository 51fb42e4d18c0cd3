export type { DefiLlamaDouble, DefiLlamaDoubleOptions, DoubleFailure } from "./defillama-double.ts";
export { chartFixture, poolFixture, startDefiLlamaDouble } from "./defillama-double.ts";
export type { FixtureCsvOptions } from "./fixture-csv.ts";
export { fixtureCsv, writeFixtureCsv } from "./fixture-csv.ts";
