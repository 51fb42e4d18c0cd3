export {
  messageFacts,
  readToolAnswer,
  type ToolMessage,
  type ToolOutcome,
  toMessage,
  type WrittenToolCall,
  writeToolCall,
} from "./write-tool-call.ts";
