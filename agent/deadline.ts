/**
 * A signal that fires after `ms` or with its parent, whichever comes first. Dispose of it when the
 * work is done: thousands are made per cycle, and a parent would keep every listener.
 */
export function deadline(parent: AbortSignal, ms: number): { signal: AbortSignal } & Disposable {
  const controller = new AbortController();
  const fire = (): void => controller.abort(parent.reason);
  const timer = setTimeout(() => {
    controller.abort(new DOMException(`no result within ${ms} ms`, 'TimeoutError'));
  }, ms);
  if (parent.aborted) fire();
  else parent.addEventListener('abort', fire, { once: true });
  return {
    signal: controller.signal,
    [Symbol.dispose]() {
      clearTimeout(timer);
      parent.removeEventListener('abort', fire);
    },
  };
}
