/** French thousands, with the narrow no-break space, written by hand so that no locale data can change it. */
export function whole(value: number): string {
  return String(value).replace(/\B(?=(?:[0-9]{3})+$)/g, '\u202f');
}

export function list(texts: readonly string[]): string {
  return texts.length === 0 ? 'aucune' : texts.join(', ');
}

export function rowsRead(rows: number): string {
  return rows === 1 ? '1 ligne lue' : `${whole(rows)} lignes lues`;
}

/** `2026-05-04` as people write it: 04/05/2026. */
export function dayText(iso: string): string {
  const [year = '', month = '', day = ''] = iso.slice(0, 10).split('-');
  return `${day}/${month}/${year}`;
}
