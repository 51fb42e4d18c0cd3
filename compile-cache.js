import { enableCompileCache } from "node:module";
import { fileURLToPath } from "node:url";

/*
 * Lets Node keep what it has compiled, types stripped, for the next process: a start takes two thirds of the time, and the
 * compiler of types with its memory is not needed. What is kept is bound to the content of each file. JavaScript, because it is
 * loaded before the first file that has types; where the directory cannot be written, nothing is kept.
 */
enableCompileCache(fileURLToPath(new URL("node_modules/.cache/obsqra-compiled", import.meta.url)));
