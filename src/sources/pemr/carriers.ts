/** One establishment that carries a platform, as the list writes it. */
export interface WrittenCarrier {
  readonly written: string;
  /** The FINESS number that follows the name, of a legal entity (EJ); null when there is none. */
  readonly finess: string | null;
}

/** Establishments of one cell: separated by `|`, a comma, or « avec ». A number may follow a name: « CHU d’essai 140000001 ». */
export function carriersOf(text: string | null): readonly WrittenCarrier[] {
  return (text ?? '')
    .split(/[|,]| avec /)
    .map((part) => part.trim())
    .filter((part) => part !== '')
    .map((part) => {
      const [number] = /[0-9][0-9AB][0-9]{7}\)?$/.exec(part) ?? [];
      if (number === undefined) return { written: part, finess: null };
      const written = part.slice(0, -number.length).replace(/\($/, '').trim();
      return { written: written === '' ? part : written, finess: number.slice(0, 9) };
    });
}
