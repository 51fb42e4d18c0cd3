/** One physical line and its 1-based number. `text` is undefined for a line longer than the limit. */
export interface TextLine {
  number: number;
  text: string | undefined;
}

/** Turns chunks of bytes into lines. */
export interface LineSplitter {
  /** The lines completed by this chunk. */
  push(chunk: Uint8Array): TextLine[];
  /** The last line, when the text does not end with a line break. */
  end(): TextLine[];
  /** After the end: whether a last line had no line break. */
  readonly endsInLine: boolean;
}

/** Longer lines cannot be rows of ours; they are passed on without their text, so memory stays bounded. */
export const lineCharactersMax = 65_536;

/**
 * Splits a stream of bytes at LF, CRLF and CR, which spreadsheets write on different systems. The bytes are UTF-8, or UTF-16
 * where a byte-order mark says so. The mark is dropped, characters and line breaks cut in two by a chunk border are joined
 * again.
 */
export function createLineSplitter(): LineSplitter {
  const decode = createTextDecoder();
  let pending = "";
  let isOverlong = false;
  let number = 0;
  let endsInLine = false;

  function takeLine(text: string): TextLine {
    number += 1;
    const wasOverlong = isOverlong || text.length > lineCharactersMax;
    isOverlong = false;
    return { number, text: wasOverlong ? undefined : text };
  }

  function split(text: string): TextLine[] {
    const lines: TextLine[] = [];
    const buffer = pending + text;
    let start = 0;
    lineBreak.lastIndex = 0;
    for (let match = lineBreak.exec(buffer); match !== null; match = lineBreak.exec(buffer)) {
      // Whether a line feed follows is not known yet.
      if (match[0] === "\r" && lineBreak.lastIndex === buffer.length) break;
      lines.push(takeLine(buffer.slice(start, match.index)));
      start = lineBreak.lastIndex;
    }
    pending = buffer.slice(start);
    if (pending.length > lineCharactersMax) {
      pending = pending.endsWith("\r") ? "\r" : "";
      isOverlong = true;
    }
    return lines;
  }

  return {
    push: (chunk) => split(decode(chunk)),
    end() {
      const lines = split(decode());
      endsInLine = (pending !== "" || isOverlong) && !pending.endsWith("\r");
      if (pending !== "" || isOverlong) {
        lines.push(takeLine(pending.endsWith("\r") ? pending.slice(0, -1) : pending));
        pending = "";
      }
      return lines;
    },
    get endsInLine() {
      return endsInLine;
    },
  };
}

const lineBreak = /\r\n|\n|\r/g;

/** Decodes chunks, the last call without one; keeps incomplete characters for the next. */
function createTextDecoder(): (chunk?: Uint8Array) => string {
  let start: Uint8Array = new Uint8Array();
  let decoder: InstanceType<typeof TextDecoder> | undefined;
  return (chunk = new Uint8Array()) => {
    if (decoder !== undefined) return decoder.decode(chunk, { stream: chunk.length > 0 });
    // Two bytes tell the encoding, and a chunk may have one.
    start = start.length === 0 ? chunk : Buffer.concat([start, chunk]);
    if (start.length < 2 && chunk.length > 0) return "";
    decoder = new TextDecoder(encodingOf(start));
    return decoder.decode(start, { stream: chunk.length > 0 });
  };
}

function encodingOf([first, second]: Uint8Array): string {
  if (first === 0xff && second === 0xfe) return "utf-16le";
  return first === 0xfe && second === 0xff ? "utf-16be" : "utf-8";
}
