/** Formats of the set to download. */
export const FORMATS = ['csv', 'ndjson', 'geojson'] as const;
export type Format = (typeof FORMATS)[number];
