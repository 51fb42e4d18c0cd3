// Without the DOM library and without the types of Node, as in some workers and React Native, these names would be unknown, and the
// types of tRPC and of this client would not compile. Where they are known, this adds nothing to them.
declare global {
  interface AbortController {}
  interface AbortSignal {}
  interface Blob {}
  interface DOMException {}
  interface Event {}
  interface EventSource {}
  interface File {}
  interface FormData {}
  interface Headers {}
  // biome-ignore lint/suspicious/noExplicitAny: declarations of one interface have to have the same type parameters.
  interface ReadableStream<R = any> {}
  // biome-ignore lint/suspicious/noExplicitAny: the same.
  interface ReadableStreamDefaultReader<R = any> {}
  interface Request {}
  interface RequestInit {}
  interface Response {}
  interface URL {}
  interface URLSearchParams {}
  interface WebSocket {}
}

export {};
