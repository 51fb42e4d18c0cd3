export {
  type GraphqlBody,
  type WrittenOperation,
  type WrittenResult,
  writeOperation,
} from "./write-operation.ts";
