/** One physical line and its 1-based number. `text` is undefined for a line longer than the limit. */
export interface TextLine {
  number: number;
  text: string | undefined;
}

/** Turns chunks of UTF-8 bytes into lines. */
export interface LineSplitter {
  /** The lines completed by this chunk. */
  push(chunk: Uint8Array): TextLine[];
  /** The last line, when the text does not end with a line break. */
  end(): TextLine[];
}

/** Longer lines cannot be rows of ours; they are passed on without their text, so memory stays bounded. */
export const lineCharactersMax = 65_536;

/**
 * Splits a stream of bytes at LF and CRLF. A byte-order mark is dropped, characters cut in two by a chunk
 * border are joined again.
 */
export function createLineSplitter(): LineSplitter {
  // The decoder removes a byte-order mark by default and keeps incomplete characters for the next chunk.
  const decoder = new TextDecoder("utf-8");
  let pending = "";
  let isOverlong = false;
  let number = 0;

  function takeLine(text: string): TextLine {
    number += 1;
    const wasOverlong = isOverlong || text.length > lineCharactersMax;
    isOverlong = false;
    return { number, text: wasOverlong ? undefined : text.endsWith("\r") ? text.slice(0, -1) : text };
  }

  function split(text: string): TextLine[] {
    const lines: TextLine[] = [];
    const buffer = pending + text;
    let start = 0;
    for (let end = buffer.indexOf("\n"); end !== -1; end = buffer.indexOf("\n", start)) {
      lines.push(takeLine(buffer.slice(start, end)));
      start = end + 1;
    }
    pending = buffer.slice(start);
    if (pending.length > lineCharactersMax) {
      pending = "";
      isOverlong = true;
    }
    return lines;
  }

  return {
    push: (chunk) => split(decoder.decode(chunk, { stream: true })),
    end() {
      const lines = split(decoder.decode());
      if (pending !== "" || isOverlong) {
        lines.push(takeLine(pending));
        pending = "";
      }
      return lines;
    },
  };
}
