import { PGlite } from "@electric-sql/pglite";

// Nobody needs the directory any more when the process that asked for it is gone.
process.on("disconnect", () => process.exit(1));
const [, , directory = ""] = process.argv;
const pglite = await PGlite.create({ dataDir: directory });
await pglite.close();
process.exit(0);
