import { readdirSync } from "node:fs";
import { join } from "node:path";
import { PGlite } from "@electric-sql/pglite";
import { syncPath } from "./durable-file-system.ts";

// Nobody needs the directory any more when the process that asked for it is gone.
process.on("disconnect", () => process.exit(1));
const [, , directory = ""] = process.argv;
const pglite = await PGlite.create({ dataDir: directory });
await pglite.close();
// What later commits rest on.
for (const entry of readdirSync(directory, { recursive: true, withFileTypes: true })) {
  syncPath(join(entry.parentPath, entry.name));
}
syncPath(directory);
process.exit(0);
