import { basename } from "node:path";
import type { DatasetBuilder } from "../dataset-builder.ts";
import { createDatasetBuilder } from "../dataset-builder.ts";
import { MarketSourceError } from "../errors.ts";
import type { Clock, LoadOptions, MarketDataset, MarketSource } from "../market-source.ts";
import { sleep } from "../sleep.ts";
import type { CsvReader } from "./csv-columns.ts";
import { createCsvReader } from "./csv-columns.ts";
import { type CsvSeparator, statedSeparator } from "./csv-dialect.ts";
import { hashFile, readFileBytes } from "./file-bytes.ts";
import type { TextLine } from "./line-splitter.ts";
import { createLineSplitter } from "./line-splitter.ts";
import type { MarketFileColumn } from "./market-file-columns.ts";
import { RowError } from "./row-error.ts";

/** Options of {@link createFileSource}. */
export interface FileSourceOptions {
  /** A `.csv` or `.csv.gz` file; gzip is recognised by content. */
  path: string;
  clock: Clock;
  /** The most bytes the text may have after decompression. @default 1 GiB */
  maxBytes?: number;
  /** @default setTimeout */
  sleep?: ((ms: number, signal?: AbortSignal) => Promise<void>) | undefined;
}

/** A market source whose data sets tell which columns the file has. */
export interface FileSource extends MarketSource {
  load(options?: LoadOptions): Promise<FileDataset>;
}

/** What a market file brought. */
export interface FileDataset extends MarketDataset {
  columns: readonly MarketFileColumn[];
}

const gibibyte = 1_073_741_824;

/** Whoever copies a file pauses for less. */
const settlingMs = 2000;

/**
 * Market history from a CSV file in DefiLlama's chart shape, or in the lending shape with borrow rates and
 * utilization. The header decides which columns exist. Rows may come in any order; broken ones are counted with
 * their line number and reason, and the rest is loaded. The file is streamed, so the event loop stays free.
 *
 * Lines are records: a cell may hold quoted commas, not line breaks. What can only be read one way is read: commas,
 * semicolons, tabs or bars between cells, decimal points or commas, UTF-8 or UTF-16 with a byte-order mark.
 *
 * A file is read while others may write it. `load` refuses one that was written to meanwhile; what is to replace an earlier history
 * has to stay as it is for two seconds more, and may not end in the middle of a row.
 *
 * `load` throws MarketSourceError `FILE_NOT_FOUND`, `FILE_UNREADABLE`, `FILE_EMPTY`, `FILE_CHANGING`, `FILE_CUT_OFF`,
 * `FILE_NOT_GZIP`, `FILE_TOO_LARGE` or `HEADER_MISMATCH`.
 */
export function createFileSource({
  path,
  clock,
  maxBytes = gibibyte,
  sleep: wait = sleep,
}: FileSourceOptions): FileSource {
  const name = `file:${basename(path)}`;
  return {
    name,
    simulated: false,
    contentSha256: () => hashFile(path),
    async load(options: LoadOptions = {}): Promise<FileDataset> {
      options.signal?.throwIfAborted();
      const fetchedAt = clock();
      const builder = createDatasetBuilder(fetchedAt);
      const splitter = createLineSplitter();
      const consumer = createLineConsumer(builder);

      const contentSha256 = await readFileBytes(path, {
        maxBytes,
        signal: options.signal,
        settle: async () => {
          if (options.isReplacement) await wait(settlingMs, options.signal);
        },
        onBytes: (chunk) => consumer.addLines(splitter.push(chunk)),
        onProgress: (done, total) => options.onProgress?.({ step: "reading", done, total }),
      });
      consumer.addLines(splitter.end());
      consumer.end();
      if (options.isReplacement && splitter.endsInLine && consumer.lastRowIsCutOff()) {
        throw new MarketSourceError(
          "FILE_CUT_OFF",
          "The market data file ends in the middle of a row: it was not written to its end. Copy it again, or end its last row with a line break.",
        );
      }
      if (builder.rowsRead === 0) {
        throw new MarketSourceError(
          "FILE_EMPTY",
          "The market data file has no rows. It needs a header and at least one row.",
        );
      }

      const { markets, report } = await builder.finish(options);
      return {
        source: name,
        simulated: false,
        fetched_at: fetchedAt,
        content_sha256: contentSha256,
        markets,
        report,
        columns: consumer.columns(),
      };
    },
  };
}

interface LineConsumer {
  addLines(lines: readonly TextLine[]): void;
  /** Reads what was held back. */
  end(): void;
  columns(): readonly MarketFileColumn[];
  /** Whether the last row has fewer cells than the header. */
  lastRowIsCutOff(): boolean;
}

/** So many rows are looked at before the first one is read, to tell how the file writes numbers. */
const sampleRows = 200;

/** The first line that is not blank is the header; every later one is a row. */
function createLineConsumer(builder: DatasetBuilder): LineConsumer {
  let header: string | undefined;
  let separator: CsvSeparator | undefined;
  let reader: CsvReader | undefined;
  let heldBack: TextLine[] = [];
  let last = "";

  function readHeldBack(): void {
    if (header === undefined) return;
    reader ??= createCsvReader(
      header,
      heldBack.map(({ text }) => text ?? ""),
      separator,
    );
    for (const { number, text } of heldBack) readRow(reader, number, text);
    heldBack = [];
  }

  function readRow(from: CsvReader, number: number, text: string | undefined): void {
    if (text === undefined) {
      builder.reject(number, "the line is too long to be a row");
    } else {
      addRow(builder, from, number, text);
    }
  }

  return {
    columns: () => reader?.columns ?? [],
    end: readHeldBack,
    lastRowIsCutOff: () => reader !== undefined && !reader.hasAllCells(last),
    addLines(lines) {
      for (const line of lines) {
        const { number, text } = line;
        if (text !== undefined && text.trim() === "") {
          continue;
        }
        last = text ?? "";
        if (header === undefined) {
          separator ??= statedSeparator(text ?? "");
          if (separator === undefined || statedSeparator(text ?? "") === undefined) header = text ?? "";
        } else if (reader !== undefined) {
          readRow(reader, number, text);
        } else {
          heldBack.push(line);
          if (heldBack.length >= sampleRows) readHeldBack();
        }
      }
    },
  };
}

function addRow(builder: DatasetBuilder, reader: CsvReader, line: number, text: string): void {
  try {
    const { market, observation } = reader.read(text);
    builder.add(line, market, observation);
  } catch (error) {
    if (!(error instanceof RowError)) {
      throw error;
    }
    builder.reject(line, error.message);
  }
}
