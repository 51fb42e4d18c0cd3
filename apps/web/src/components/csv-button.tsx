import { type Cell, saveCsv, toCsv } from "../format/csv.ts";
import { texts } from "../texts/index.ts";
import { DownloadIcon } from "./icons.tsx";

interface CsvButtonProps {
  /** Of the file, and what it is said to be. */
  readonly name: string;
  readonly header: readonly string[];
  readonly rows: () => readonly (readonly Cell[])[];
}

/** Saves what is shown. */
export function CsvButton({ name, header, rows }: CsvButtonProps) {
  return (
    <button
      type="button"
      className="button"
      data-kind="quiet"
      data-size="small"
      aria-label={texts.shell.csvLong(name)}
      onClick={() => saveCsv(name, toCsv(header, rows()))}
    >
      <DownloadIcon />
      {texts.shell.csv}
    </button>
  );
}
