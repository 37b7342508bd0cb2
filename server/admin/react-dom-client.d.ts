/** The one entry of react-dom in use; `@types/react-dom` would be a dependency for a single call. */
declare module 'react-dom/client' {
  import type { ReactNode } from 'react';
  export function createRoot(container: Element): { render(node: ReactNode): void };
}
