import { useEffect, useRef, type ReactNode } from 'react';

/** A modal dialog, open as long as it is rendered. Escape and the browser's own ways close it. */
export function Dialog(props: {
  title: string;
  onClose: () => void;
  wide?: boolean;
  children: ReactNode;
}) {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    dialog.current?.showModal();
  }, []);
  return (
    <dialog
      ref={dialog}
      className={props.wide ? 'wide-dialog' : undefined}
      aria-labelledby="dialog-title"
      onClose={props.onClose}
    >
      <h2 id="dialog-title">{props.title}</h2>
      {props.children}
    </dialog>
  );
}
