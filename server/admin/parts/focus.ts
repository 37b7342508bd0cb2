/**
 * As `ref`: the element has the focus when it appears. The attribute `autofocus` works once per document,
 * and this document stays.
 */
export const focusOnMount = (element: HTMLElement | null): void => element?.focus();
