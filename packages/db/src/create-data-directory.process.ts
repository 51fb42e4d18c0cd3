import { PGlite } from "@electric-sql/pglite";

const [, , directory = ""] = process.argv;
const pglite = await PGlite.create({ dataDir: directory });
await pglite.close();
