export { BodyTooLargeError, readText } from "./read-text.ts";
