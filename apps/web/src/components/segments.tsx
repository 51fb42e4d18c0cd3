interface SegmentsProps<TValue extends string | number> {
  readonly label: string;
  readonly value: TValue;
  readonly options: readonly { readonly value: TValue; readonly label: string }[];
  readonly onChange: (value: TValue) => void;
}

/** A choice of few, all of them in sight. */
export function Segments<TValue extends string | number>({
  label,
  value,
  options,
  onChange,
}: SegmentsProps<TValue>) {
  return (
    <fieldset aria-label={label} className="segments">
      {options.map((option) => (
        <button
          key={option.value}
          type="button"
          aria-pressed={option.value === value}
          onClick={() => onChange(option.value)}
        >
          {option.label}
        </button>
      ))}
    </fieldset>
  );
}
