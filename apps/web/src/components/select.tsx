import { Select as BaseSelect } from "@base-ui/react/select";
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
    <BaseSelect.Root
      items={options}
      value={value}
      onValueChange={(chosen) => onChange(chosen ?? "")}
      modal={false}
    >
      <BaseSelect.Trigger className="select-trigger" aria-label={label}>
        <BaseSelect.Value />
        <ChevronIcon />
      </BaseSelect.Trigger>
      <BaseSelect.Portal>
        <BaseSelect.Positioner sideOffset={4} alignItemWithTrigger={false} style={{ zIndex: 40 }}>
          <BaseSelect.Popup className="select-list">
            {options.map((option) => (
              <BaseSelect.Item key={option.value} value={option.value} className="select-item">
                <BaseSelect.ItemText>{option.label}</BaseSelect.ItemText>
              </BaseSelect.Item>
            ))}
          </BaseSelect.Popup>
        </BaseSelect.Positioner>
      </BaseSelect.Portal>
    </BaseSelect.Root>
  );
}
