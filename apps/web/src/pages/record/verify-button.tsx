import { Dialog } from "@base-ui/react/dialog";
import { useState } from "react";
import { sitePath } from "../../api/site.ts";
import { texts } from "../../texts/index.ts";
import { Verification } from "./verification.tsx";

const { record } = texts;

/** Opens a dialog in which this browser checks a forecast against the public log, or the whole record where none is given. */
export function VerifyButton({ forecastId }: { readonly forecastId?: string }) {
  const [isOpen, setIsOpen] = useState(false);
  return (
    <Dialog.Root open={isOpen} onOpenChange={setIsOpen}>
      <Dialog.Trigger className="button" data-size="small">
        {forecastId === undefined ? record.verifyRecord : record.verify}
      </Dialog.Trigger>
      <Dialog.Portal>
        <Dialog.Backdrop className="backdrop" />
        <Dialog.Popup className="dialog">
          <Dialog.Title>
            {forecastId === undefined ? record.verifyRecordTitle : record.verifyTitle}
          </Dialog.Title>
          <Dialog.Description className="muted">{record.verifyLong}</Dialog.Description>
          <Verification forecastId={forecastId} />
          <div className="actions">
            <Dialog.Close className="button">{record.close}</Dialog.Close>
            {forecastId === undefined ? null : (
              <a
                className="button"
                data-kind="quiet"
                href={`${sitePath}/api/v1/predictions/forecasts/${encodeURIComponent(forecastId)}/receipt`}
                target="_blank"
                rel="noreferrer"
              >
                {record.receipt}
              </a>
            )}
          </div>
        </Dialog.Popup>
      </Dialog.Portal>
    </Dialog.Root>
  );
}
