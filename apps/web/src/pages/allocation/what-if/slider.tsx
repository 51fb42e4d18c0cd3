import { useId } from "react";

interface SliderProps {
  readonly label: string;
  readonly value: number;
  readonly min: number;
  readonly max: number;
  readonly step: number;
  readonly format: (value: number) => string;
  readonly onChange: (value: number) => void;
}

/** A value between two others, with what it is beside its name. */
export function Slider({ label, value, format, onChange, ...range }: SliderProps) {
  const id = useId();
  return (
    <div className="field">
      <div className="field-head">
        <label htmlFor={id}>{label}</label>
        <output htmlFor={id} className="figure">
          {format(value)}
        </output>
      </div>
      <input
        id={id}
        type="range"
        value={value}
        aria-valuetext={format(value)}
        onChange={({ currentTarget }) => onChange(currentTarget.valueAsNumber)}
        {...range}
      />
    </div>
  );
}
