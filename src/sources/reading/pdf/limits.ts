/** What a document may ask of this machine; an order of 250 pages has some 500 texts a page and reads one in 20 ms. */
export interface PdfLimits {
  readonly bytes: number;
  readonly pages: number;
  readonly itemsPerPage: number;
  /** Memory that the process may grow by while it is read, in bytes: a stream that unpacks to gigabytes stops there. */
  readonly memory: number;
  /** For one page, and for the opening. */
  readonly milliseconds: number;
}

export const PDF_LIMITS: PdfLimits = {
  bytes: 64 * 1024 ** 2,
  pages: 2_000,
  itemsPerPage: 20_000,
  memory: 512 * 1024 ** 2,
  milliseconds: 60_000,
};
