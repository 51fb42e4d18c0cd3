import { type Cell, toCsv } from "../format/csv.ts";
import { saveFile } from "../format/save-file.ts";
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
      onClick={() => saveFile(`${name}.csv`, toCsv(header, rows()), "text/csv")}
    >
      <DownloadIcon />
      {texts.shell.csv}
    </button>
  );
}
