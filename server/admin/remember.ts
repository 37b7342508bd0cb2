// A browser may refuse storage (private mode, policy). Then a choice lasts as long as the page.

/** A choice this browser made earlier, or null. */
export function recall(name: string): string | null {
  try {
    return localStorage.getItem(`hashyard.${name}`);
  } catch {
    return null;
  }
}

export function remember(name: string, value: string): void {
  try {
    localStorage.setItem(`hashyard.${name}`, value);
  } catch {
    // Nothing to do: see above.
  }
}
