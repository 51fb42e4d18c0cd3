import { ChevronIcon } from "./icons.tsx";

interface SelectProps {
  readonly label: string;
  /** Empty for any. */
  readonly value: string;
  readonly options: readonly { readonly value: string; readonly label: string }[];
  readonly onChange: (value: string) => void;
}

/** A choice of one. */
export function Select({ label, value, options, onChange }: SelectProps) {
  return (
    <span className="select">
      <select
        className="select-trigger"
        aria-label={label}
        value={value}
        onChange={(event) => onChange(event.target.value)}
      >
        {options.map((option) => (
          <option key={option.value} value={option.value}>
            {option.label}
          </option>
        ))}
      </select>
      <ChevronIcon />
    </span>
  );
}
