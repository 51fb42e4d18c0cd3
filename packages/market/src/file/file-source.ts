import { basename } from "node:path";
import type { DatasetBuilder } from "../dataset-builder.ts";
import { createDatasetBuilder } from "../dataset-builder.ts";
import { MarketSourceError } from "../errors.ts";
import type { Clock, LoadOptions, MarketDataset, MarketSource } from "../market-source.ts";
import type { CsvReader, MarketFileColumn } from "./csv-columns.ts";
import { createCsvReader } from "./csv-columns.ts";
import { RowError } from "./csv-values.ts";
import { hashFile, readFileBytes } from "./file-bytes.ts";
import type { TextLine } from "./line-splitter.ts";
import { createLineSplitter } from "./line-splitter.ts";

/** Options of {@link createFileSource}. */
export interface FileSourceOptions {
  /** A `.csv` or `.csv.gz` file; gzip is recognised by content. */
  path: string;
  clock: Clock;
  /** The most bytes the text may have after decompression. @default 1 GiB */
  maxBytes?: number;
}

/** A market source whose data sets tell which columns the file has. */
export interface FileSource extends MarketSource {
  load(options?: LoadOptions): Promise<FileDataset>;
}

/** What a market file brought. */
export interface FileDataset extends MarketDataset {
  /** The known columns that its header names. */
  columns: readonly MarketFileColumn[];
}

const gibibyte = 1_073_741_824;

/**
 * Market history from a CSV file in DefiLlama's chart shape, or in the lending shape with borrow rates and
 * utilization. The header decides which columns exist. Rows may come in any order; broken ones are counted with
 * their line number and reason, and the rest is loaded. The file is streamed, so the event loop stays free.
 *
 * Lines are records: a cell may hold quoted commas, not line breaks.
 *
 * `load` throws MarketSourceError `FILE_NOT_FOUND`, `FILE_UNREADABLE`, `FILE_EMPTY`, `FILE_NOT_GZIP`,
 * `FILE_TOO_LARGE` or `HEADER_MISMATCH`.
 */
export function createFileSource({ path, clock, maxBytes = gibibyte }: FileSourceOptions): FileSource {
  const name = `file:${basename(path)}`;
  return {
    name,
    simulated: false,
    contentSha256: () => hashFile(path),
    async load(options: LoadOptions = {}): Promise<FileDataset> {
      options.signal?.throwIfAborted();
      const fetchedAt = clock();
      const builder = createDatasetBuilder();
      const splitter = createLineSplitter();
      const consumer = createLineConsumer(builder);

      const contentSha256 = await readFileBytes(path, {
        maxBytes,
        signal: options.signal,
        onBytes: (chunk) => consumer.addLines(splitter.push(chunk)),
        onProgress: (done, total) => options.onProgress?.({ step: "reading", done, total }),
      });
      consumer.addLines(splitter.end());
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
  columns(): readonly MarketFileColumn[];
}

/** The first line that is not blank is the header; every later one is a row. */
function createLineConsumer(builder: DatasetBuilder): LineConsumer {
  let reader: CsvReader | undefined;
  return {
    columns: () => reader?.columns ?? [],
    addLines(lines) {
      for (const { number, text } of lines) {
        if (text !== undefined && text.trim() === "") {
          continue;
        }
        if (reader === undefined) {
          reader = createCsvReader(text ?? "");
        } else if (text === undefined) {
          builder.reject(number, "the line is too long to be a row");
        } else {
          addRow(builder, reader, number, text);
        }
      }
    },
  };
}

function addRow(builder: DatasetBuilder, reader: CsvReader, line: number, text: string): void {
  try {
    const { market, observation } = reader.read(text);
    builder.add(market, observation);
  } catch (error) {
    if (!(error instanceof RowError)) {
      throw error;
    }
    builder.reject(line, error.message);
  }
}
