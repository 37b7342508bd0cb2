const ISO =
  /^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d(?::\d\d(?:[.,]\d{1,9})?)?)\s*(z|[+-]\d\d(?::?\d\d)?)?$/i;

/** ISO 8601 as epoch milliseconds; without a zone it means UTC. null for anything else. */
export function readTime(text: string): number | null {
  const match = ISO.exec(text.trim());
  if (!match) return null;
  const [, day = '', clock = '', zone = 'Z'] = match;
  // Date.parse takes neither "+03" nor "+0300", and rolls 30 February over to March.
  const minutes = zone.length === 3 ? `${zone}:00` : zone.replace(/^([+-]\d\d)(\d\d)$/, '$1:$2');
  const at = Date.parse(`${day}T${clock.replace(',', '.')}${minutes.toUpperCase()}`);
  if (Number.isNaN(at)) return null;
  const midnight = Date.parse(`${day}T00:00:00Z`);
  return new Date(midnight).toISOString().startsWith(day) ? at : null;
}
