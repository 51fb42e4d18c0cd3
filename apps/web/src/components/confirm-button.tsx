import { AlertDialog } from "@base-ui/react/alert-dialog";
import { texts } from "../texts/index.ts";

interface ConfirmButtonProps {
  readonly label: string;
  readonly title: string;
  readonly lead: string;
  readonly isBusy?: boolean;
  readonly onConfirm: () => void;
}

/** Does what cannot be taken back, once somebody has said that they mean it. */
export function ConfirmButton({ label, title, lead, isBusy = false, onConfirm }: ConfirmButtonProps) {
  return (
    <AlertDialog.Root>
      <AlertDialog.Trigger className="button" data-size="small" disabled={isBusy}>
        {label}
      </AlertDialog.Trigger>
      <AlertDialog.Portal>
        <AlertDialog.Backdrop className="backdrop" />
        <AlertDialog.Popup className="dialog" data-size="small">
          <AlertDialog.Title>{title}</AlertDialog.Title>
          <AlertDialog.Description className="muted">{lead}</AlertDialog.Description>
          <div className="actions">
            <AlertDialog.Close className="button" data-kind="main" onClick={onConfirm}>
              {label}
            </AlertDialog.Close>
            <AlertDialog.Close className="button">{texts.settings.confirm.cancel}</AlertDialog.Close>
          </div>
        </AlertDialog.Popup>
      </AlertDialog.Portal>
    </AlertDialog.Root>
  );
}
