import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { readWebPages, type WebPages } from "../../src/web-pages/read-web-pages.ts";

const web = fileURLToPath(new URL("../../../web", import.meta.url));

/** The dashboard as it is now; built when something of it has changed. */
export async function builtPages(): Promise<WebPages> {
  await promisify(execFile)(process.execPath, [`${web}/build.ts`]);
  const pages = await readWebPages(`${web}/dist`);
  if (pages === undefined) throw new Error("The pages are not there after they were built.");
  return pages;
}
